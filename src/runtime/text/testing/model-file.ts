import { open } from 'node:fs/promises';
import { type GgufFile, readGguf } from '../../../formats/gguf/index.ts';
import type { ByteSource } from '../../../shared/index.ts';

const MODEL = new URL('../../../../models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf', import.meta.url);

/** The bytes of the embedded model, read from disk as they are asked for; for tests. */
export async function openModelFile(): Promise<ByteSource & AsyncDisposable> {
  const handle = await open(MODEL);
  const { size } = await handle.stat();
  return {
    size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset);
      if (bytesRead !== length) throw new RangeError(`read ${offset}+${length} of ${size} bytes`);
      return bytes;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** The header of the embedded model; for tests. */
export async function readModelHeader(): Promise<GgufFile> {
  const source = await openModelFile();
  try {
    return await readGguf(source);
  } finally {
    await source[Symbol.asyncDispose]();
  }
}
