import { beforeAll, describe, expect, it } from 'vitest';
import modelUrl from '../../../../models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf?url';
import greedy from '../../../../scripts/goldens/greedy.json';
import goldenBytesUrl from '../../../../scripts/goldens/logits.bin?url';
import goldenHeader from '../../../../scripts/goldens/logits.json';
import type { EngineKind } from './engine-module.ts';
import type { EngineTestJob, EngineTestReport } from './testing/engine.worker.ts';
import EngineWorker from './testing/engine.worker.ts?worker';

/** One worker, one load, all questions: the model is 94 MB and the tests share two processors. */
async function ask(): Promise<EngineTestReport> {
  const [model, goldenBytes] = await Promise.all(
    [modelUrl, goldenBytesUrl].map(async (url) => (await fetch(url)).arrayBuffer()),
  );
  const worker = new EngineWorker();
  try {
    return await new Promise((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data }) => ('report' in data ? resolve(data.report) : reject(new Error(data.failure)));
      const prompts = greedy.map(({ promptTokenIds }) => promptTokenIds);
      const job: EngineTestJob = { model: model!, goldenHeader, goldenBytes: goldenBytes!, prompts };
      worker.postMessage(job, [model!, goldenBytes!]);
    });
  } finally {
    worker.terminate();
  }
}

describe('the CPU engine in a browser (relaxed SIMD, two threads)', () => {
  let report: EngineTestReport;
  beforeAll(async () => {
    report = await ask();
  }, 300_000);

  it('runs the fast build on shared memory', () => {
    expect(crossOriginIsolated).toBe(true);
    expect(report.description).toMatch(/^WebAssembly, relaxed SIMD( with fused dots)?$/);
    expect(report.threads).toBe(2);
  });

  // Measured: top-1 0.975, KL 0.0011 (over the whole vocabulary a quarter more), perplexity within 0.02 %.
  it('agrees with exact arithmetic over 2,400 positions', () => {
    expect(report.agreement.top1).toBeGreaterThanOrEqual(0.97);
    expect(report.agreement.kl).toBeLessThanOrEqual(0.002);
    expect(
      Math.abs(report.agreement.perplexity / (goldenHeader as { perplexity: number }).perplexity - 1),
    ).toBeLessThan(0.003);
  });

  it('writes in every build and on any number of threads what llama.cpp writes, up to its first near tie', () => {
    expect(report.greedy).toHaveLength(6);
    for (const { kind, threads, answers } of report.greedy) {
      for (const [index, { tokenIds, safeTokens }] of greedy.entries()) {
        const safe = tokenIds.slice(0, safeTokens);
        expect(answers[index]!.slice(0, safe.length), `${kind}, ${threads} threads, answer ${index}`).toEqual(safe);
      }
    }
  });

  it('writes the same to the end on one thread and on two, with fused dots and without', () => {
    const answersOf = (name: EngineKind) => report.greedy.filter(({ kind }) => kind === name).map((run) => run.answers);
    const [fused, relaxed, plain] = [answersOf('fused'), answersOf('relaxed'), answersOf('plain')];
    expect(fused[1]).toEqual(fused[0]);
    expect(relaxed).toEqual(fused);
    expect(plain[1]).toEqual(plain[0]);
  });

  it('gives the same logits on one thread and on two, after sleeping too', () => {
    expect(report.threadDistance).toEqual({ prefill: 0, decode: 0 });
    expect(report.afterPark).toBe(0);
    expect(report.afterSwitches).toBe(0);
  });

  it('gives a text the same logits alone and in a pass with others', () => {
    expect(report.besideOthers).toEqual([0, 0, 0]);
  });

  it('stops an aborted prefill between chunks', () => {
    expect(report.aborted.name).toBe('AbortError');
    expect(report.aborted.position).toBeGreaterThan(0);
    expect(report.aborted.position).toBeLessThan(report.aborted.asked);
  });

  it('says so when a compute thread dies or never starts, instead of waiting for ever', () => {
    expect(report.lostCodes).toEqual(['worker-lost', 'worker-lost']);
    expect(report.startCode).toBe('worker-load-failed');
  });

  it('keeps within one and a half times the file, KV cache apart', () => {
    const keyValueBytes = 30 * 3 * 1024 * (64 + 4) * 2;
    expect(report.memoryBytes).toBeLessThan(1.5 * 98_362_432 + keyValueBytes);
  });
});
