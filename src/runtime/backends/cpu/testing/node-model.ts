import { openAsBlob, readFileSync } from 'node:fs';
import { readGguf } from '../../../../formats/gguf/index.ts';
import { BlobByteSource } from '../../../../shared/index.ts';
import { decoderSpecFromGguf } from '../../../architectures/index.ts';
import { type CpuBackendOptions, createCpuBackend } from '../create-cpu-backend.ts';
import type { EngineBuild } from '../engine-module.ts';
import { type LogitsGolden, parseLogitsGolden } from './logits-golden.ts';

const MODEL = 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';

/** The compiled engine from disk: Node cannot fetch an address of the page. */
export function compileFromDisk(build: EngineBuild): Promise<WebAssembly.Module> {
  return WebAssembly.compile(readFileSync(`src/runtime/backends/cpu/generated/${build}.wasm`));
}

/** The embedded model on the plain SIMD build, which is what Node 20 runs without flags. */
export async function openEmbeddedModel(overrides: Partial<CpuBackendOptions> = {}) {
  const source = new BlobByteSource(await openAsBlob(MODEL));
  const gguf = await readGguf(source);
  return createCpuBackend({
    spec: decoderSpecFromGguf(gguf),
    gguf,
    source,
    contextLength: 1024,
    threads: 1,
    compile: compileFromDisk,
    ...overrides,
  });
}

/** scripts/goldens/logits.json and .bin. */
export function readLogitsGolden(): LogitsGolden {
  const bytes = readFileSync('scripts/goldens/logits.bin');
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return parseLogitsGolden(JSON.parse(readFileSync('scripts/goldens/logits.json', 'utf8')), copy as ArrayBuffer);
}
