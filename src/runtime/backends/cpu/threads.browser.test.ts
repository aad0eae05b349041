import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import goldens from '../../../../scripts/goldens/architectures.json';
import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { typesWithKernel } from './kernel-types.ts';
import type { ThreadsTestJob, ThreadsTestReport } from './testing/threads.worker.ts';
import ThreadsWorker from './testing/threads.worker.ts?worker';

let worker: Worker;
beforeAll(() => {
  worker = new ThreadsWorker();
});
afterAll(() => worker.terminate());

function ask(job: ThreadsTestJob): Promise<ThreadsTestReport> {
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage(job);
  });
}

async function expectSameBits(job: ThreadsTestJob): Promise<void> {
  const report = await ask(job);
  expect(report).toMatchObject({ threads: 3, differences: [] });
  // Logits that were all alike would agree for nothing.
  expect('values' in report ? report.values : 0).toBeGreaterThan(1_000);
}

/** The types that architectures have goldens of and whose kernels differ most: nibbles, bytes, floats. */
const typeOf = ({ logits }: { readonly logits: object }, index: number): GgmlTypeName => {
  const types = (['Q4_1', 'Q8_0', 'F16'] as const).filter((type) => type in logits);
  return types[index % Math.max(1, types.length)] ?? 'F32';
};

describe('one, two and three threads give the same logits to the last bit', () => {
  it.each(goldens.models.map((model, index) => [model.name, typeOf(model, index)] as const))('%s, %s', (golden, type) =>
    expectSameBits({ golden, type, kind: undefined }),
  );

  it.each(typesWithKernel())('weights of %s', (tiny) => expectSameBits({ tiny, kind: undefined }));

  it('weights of many types, in each kind of build', async () => {
    for (const kind of ['fused', 'relaxed', 'plain'] as const) await expectSameBits({ tiny: undefined, kind });
  });
});
