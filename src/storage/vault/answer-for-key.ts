/** Between pages and threads of this origin; a key that cannot be read out of the browser is all that travels here. */
export const KEY_CHANNEL = 'sotto-vault-key';

export interface Ask {
  readonly kind: 'ask';
}

export interface Answer {
  readonly kind: 'key';
  readonly key: CryptoKey;
}

/** A page with an open vault: threads that keep something of the person's own ask for the key when they need it. */
export function answerForKey(key: () => CryptoKey | null): () => void {
  if (!('BroadcastChannel' in globalThis)) return () => {};
  const channel = new BroadcastChannel(KEY_CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Partial<Ask>>) => {
    const known = key();
    if (data?.kind === 'ask' && known !== null) channel.postMessage({ kind: 'key', key: known } satisfies Answer);
  };
  return () => channel.close();
}
