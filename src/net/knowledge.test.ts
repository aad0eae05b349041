import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { writePack } from '../formats/knowledge-pack/index.ts';
import { OPEN_POLICY, type Policy, signedText } from '../policy/index.ts';
import { SottoError, systemClock } from '../shared/index.ts';
import { fetchKnowledge, type PackMemory } from './knowledge.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = publicKey.export({ format: 'jwk' }).x ?? '';
const signWith = (header: Readonly<Record<string, unknown>>) => ({
  algorithm: 'Ed25519' as const,
  publicKey: key,
  value: sign(null, Buffer.from(signedText(header)), privateKey).toString('base64url'),
});
const content = {
  name: 'Handbook',
  version: '1',
  documents: [{ id: 'leave', title: 'Leave', url: 'https://intranet.example/leave' }],
  passages: [{ document: 0, text: 'Thirty days.', page: null, headings: [] }],
  vectors: null,
};
const base = new URL('https://sotto.example/');
const signal = new AbortController().signal;

function memoryOf(): PackMemory & { kept?: { tag: string; bytes: Uint8Array<ArrayBuffer> } } {
  return {
    async read() {
      return this.kept;
    },
    async write(_url, tag, bytes) {
      this.kept = { tag, bytes };
    },
  };
}

function reader(
  answer: (tag: string | undefined) => Response,
  publicKeyNamed: string | null = null,
  memory = memoryOf(),
) {
  const policy: Policy = {
    ...OPEN_POLICY,
    widget: { ...OPEN_POLICY.widget, knowledge: [{ url: 'https://docs.example/a.pack', publicKey: publicKeyNamed }] },
  };
  const fetch = async (_url: URL, { headers }: { headers?: Readonly<Record<string, string>> }) =>
    answer(headers?.['If-None-Match']);
  const options = { fetch, clock: systemClock, policy: async () => policy, base, memory };
  return (address: string) => fetchKnowledge(options, address, signal);
}

describe('a knowledge pack', () => {
  it('is read from the site, or from where the policy says', async () => {
    const bytes = await writePack(content, signWith);
    const read = reader(() => new Response(bytes), key);
    expect(await read('knowledge/a.pack')).toMatchObject({ name: 'Handbook', isSigned: true });
    expect((await read('https://docs.example/a.pack')).documents[0]?.chunks[0]?.text).toBe('Thirty days.');
    await expect(read('https://evil.example/a.pack')).rejects.toMatchObject({ code: 'blocked-by-policy' });
  });

  it('is fetched once: the next time only its tag is asked for, and without a network nothing', async () => {
    const bytes = await writePack(content);
    const memory = memoryOf();
    const tags: (string | undefined)[] = [];
    let isOnline = true;
    const read = reader(
      (tag) => {
        tags.push(tag);
        if (!isOnline) throw new SottoError('download-failed', 'No network.');
        return tag === undefined
          ? new Response(bytes, { headers: { ETag: '"1"' } })
          : new Response(null, { status: 304 });
      },
      null,
      memory,
    );
    await read('a.pack');
    expect((await read('a.pack')).name).toBe('Handbook');
    isOnline = false;
    expect((await read('a.pack')).name).toBe('Handbook');
    expect(tags).toEqual([undefined, '"1"', '"1"']);
  });

  it('with another key, no key, or a signature that does not fit is refused, and not kept', async () => {
    const memory = memoryOf();
    const named = 'https://docs.example/a.pack';
    const unsigned = await writePack(content);
    await expect(reader(() => new Response(unsigned), key, memory)(named)).rejects.toMatchObject({
      code: 'blocked-by-policy',
    });
    const forged = await writePack(content, (header) => signWith({ ...header, name: 'Another' }));
    await expect(reader(() => new Response(forged), key, memory)(named)).rejects.toMatchObject({
      code: 'knowledge-invalid',
    });
    await expect(reader(() => new Response(unsigned), 'B'.repeat(43), memory)(named)).rejects.toMatchObject({
      code: 'blocked-by-policy',
    });
    expect(memory.kept).toBeUndefined();
  });
});
