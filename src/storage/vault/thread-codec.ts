import { openRecordStore, PLAIN_CODEC, type RecordCodec } from '../records/index.ts';
import { type Answer, type Ask, KEY_CHANNEL } from './answer-for-key.ts';
import { LOCKED_CODEC } from './locked-codec.ts';
import { createSealedCodec } from './sealing/index.ts';
import { VAULT_META } from './vault.ts';

/** A page answers at once, or there is none with an open vault. */
const ANSWER_MS = 500;
/** Whoever found none does not wait again for each of many records. */
const ASK_AGAIN_MS = 1000;

/**
 * How a thread keeps what is under the vault: in the clear where there is none, sealed where a page has opened it, and not at
 * all where it is locked. Looked up at every use: a vault may be switched on while the thread runs.
 */
export function threadCodec(): RecordCodec {
  let records: ReturnType<typeof openRecordStore> | undefined;
  let known: RecordCodec | null = null;
  let asking: Promise<CryptoKey | null> | undefined;
  const current = async (): Promise<RecordCodec> => {
    records ??= openRecordStore();
    const header = await (await records)?.readMeta(VAULT_META);
    if (header === undefined) {
      known = null;
      return PLAIN_CODEC;
    }
    if (known !== null) return known;
    asking ??= askForKey().finally(() => setTimeout(() => (asking = undefined), ASK_AGAIN_MS));
    const key = await asking;
    if (key === null) return LOCKED_CODEC;
    known = createSealedCodec(key, false);
    return known;
  };
  return {
    seal: async (header, value) => (await current()).seal(header, value),
    open: async (header, body) => (await current()).open(header, body),
  };
}

function askForKey(): Promise<CryptoKey | null> {
  if (!('BroadcastChannel' in globalThis)) return Promise.resolve(null);
  const channel = new BroadcastChannel(KEY_CHANNEL);
  return new Promise<CryptoKey | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), ANSWER_MS);
    channel.onmessage = ({ data }: MessageEvent<Partial<Answer>>) => {
      if (data?.kind !== 'key' || !(data.key instanceof CryptoKey)) return;
      clearTimeout(timer);
      resolve(data.key);
    };
    channel.onmessageerror = () => resolve(null);
    channel.postMessage({ kind: 'ask' } satisfies Ask);
  }).finally(() => channel.close());
}
