import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SottoError } from '../../shared/index.ts';
import { readPack } from './read-pack.ts';
import { writePack } from './write-pack.ts';

const content = {
  name: 'Staff handbook',
  version: '2026-11',
  documents: [
    { id: 'leave', title: 'Leave', url: 'https://intranet.example/leave.html' },
    { id: 'notes', title: 'Notes', url: null },
  ],
  passages: [
    { document: 0, text: 'Thirty days of leave.', page: null, headings: ['Leave'] },
    { document: 1, text: 'Ask the works council.', page: 2, headings: [] },
  ],
  vectors: { model: 'all-minilm-l6-v2', values: new Float32Array([0.6, 0.8, 0, 0, -0.28, 0.96]), dimensions: 3 },
};

describe('a knowledge pack', () => {
  it('comes back as it went in, its vectors in the third digit', async () => {
    const { header, passages, vectors } = await readPack(await writePack(content));
    expect(header).toMatchObject({ name: 'Staff handbook', documents: content.documents, model: 'all-minilm-l6-v2' });
    expect(passages).toEqual(content.passages);
    for (const [index, value] of content.vectors.values.entries()) expect(vectors?.[index]).toBeCloseTo(value, 2);
  });

  it('is the same, byte for byte, when it is made again', async () => {
    expect(await writePack(content)).toEqual(await writePack(content));
  });

  it('may have no vectors', async () => {
    expect((await readPack(await writePack({ ...content, vectors: null }))).vectors).toBeNull();
  });

  it('with any byte changed, cut or added is refused with a code, or says the same', async () => {
    const bytes = await writePack(content);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(2),
        async (at, value, kind) => {
          const changed =
            kind === 0 ? bytes.slice(0, at) : kind === 1 ? new Uint8Array([...bytes, value]) : bytes.slice();
          if (kind === 2) changed[at] = value;
          try {
            const { passages } = await readPack(changed);
            // A changed name or title is the signature's business; what is quoted is not to be changed at all.
            expect(passages).toEqual(content.passages);
          } catch (error) {
            expect(SottoError.isInstance(error) && ['knowledge-invalid', 'record-newer'].includes(error.code)).toBe(
              true,
            );
          }
        },
      ),
      { numRuns: 1_000, seed: 3 },
    );
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//intranet.example'])(
    'that leads to %s is refused',
    async (url) => {
      const documents = [{ id: 'a', title: 'a', url }];
      const passages = [{ document: 0, text: 'x', page: null, headings: [] }];
      const bytes = await writePack({ ...content, documents, passages, vectors: null });
      await expect(readPack(bytes)).rejects.toMatchObject({ code: 'knowledge-invalid' });
    },
  );
});
