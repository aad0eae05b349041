import { proxy } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import type { GenerateEvent, GenerateRequest, InferencePort } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { abortByCallId, SupervisedWorker } from '../supervised-worker.ts';
import smallEngineUrl from './fixtures/small-engine.worker.ts?worker&url';
import { SharedEngine } from './index.ts';
import { ENGINE_NAME } from './messages.ts';

/** Engines of one page stand for tabs: they share nothing but the channel and the locks of the origin. */
const tabs: SharedEngine[] = [];
let threads = 0;

function openTab(): SharedEngine {
  const create = (name: string) => {
    threads += 1;
    return new Worker(smallEngineUrl, { type: 'module', name });
  };
  const tab = new SharedEngine(new SupervisedWorker<InferencePort>({ name: 'inference', create }));
  tabs.push(tab);
  return tab;
}

afterEach(() => {
  for (const tab of tabs.splice(0)) tab.leave();
  threads = 0;
});

const load = (tab: SharedEngine, modelId: string) =>
  tab.call(({ port, callId }) =>
    port.load(
      callId,
      { kind: 'stored', modelId },
      {},
      proxy(() => {}),
    ),
  );

function generate(
  tab: SharedEngine,
  { words = 5, signal = undefined as AbortSignal | undefined, onText = (_: string) => {} } = {},
) {
  const onEvent = proxy((event: GenerateEvent) => event.type === 'text-delta' && onText(event.text));
  return tab.call(({ port, callId }) => port.generate({ callId, maxTokens: words } as GenerateRequest, onEvent), {
    signal,
    abort: abortByCallId,
  });
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: unknown) => (SottoError.isInstance(error) ? `${error.code} ${error.isRetryable}` : (error as Error).name),
  );

describe('one engine', () => {
  it('serves all tabs from one thread, and loads a model once', async () => {
    const [first, second] = [openTab(), openTab()];
    const [a, b] = await Promise.all([load(first, 'mill'), load(second, 'mill')]);
    expect([a.name, b.name]).toEqual(['mill 1', 'mill 1']);
    const heard: string[] = [];
    const [one, two] = await Promise.all([generate(first), generate(second, { onText: (text) => heard.push(text) })]);
    expect([one.text, two.text]).toEqual(['mill mill mill mill mill ', 'mill mill mill mill mill ']);
    expect(heard.join('')).toBe(two.text);
    expect(threads).toBe(1);
    expect(second.isRunning && first.isRunning).toBe(true);
    expect(second.incarnation).toBe(first.incarnation);
  });

  it('never answers with a model that a tab did not load', async () => {
    const [first, second] = [openTab(), openTab()];
    await load(first, 'mill');
    const before = first.incarnation;
    await load(second, 'river');
    expect(first.incarnation).not.toBe(before);
    expect(await codeOf(generate(first))).toBe('engine-moved true');
    expect((await generate(second)).text).toContain('river');
    await load(first, 'mill');
    expect((await generate(first)).text).toContain('mill');
    expect(await codeOf(generate(second))).toBe('engine-moved true');
  });

  it('passes on errors and aborts', async () => {
    const [first, second] = [openTab(), openTab()];
    await load(first, 'mill');
    expect(await codeOf(load(second, 'broken'))).toBe('gguf-invalid false');
    await load(second, 'mill');
    const controller = new AbortController();
    const stopped = generate(second, { words: 10_000, signal: controller.signal, onText: () => controller.abort() });
    expect((await stopped).finishReason).toBe('abort');
    expect(await codeOf(generate(second, { signal: AbortSignal.abort() }))).toBe('AbortError');
  });

  it('stays while another tab is using it, and goes when none is', async () => {
    const [first, second] = [openTab(), openTab()];
    await load(first, 'mill');
    await load(second, 'mill');
    const answer = generate(first, { words: 30 });
    await second.call(({ port }) => port.unload());
    second.stop();
    expect((await answer).finishReason).toBe('length');
    await second.call(({ port }) => port.unload());
    expect(first.isRunning).toBe(false);
    expect((await load(first, 'mill')).name).toBe('mill 1');
    expect(threads).toBe(2);
  });
});

describe('when the leader goes', () => {
  it('the next tab has the engine, and calls that went with it can be tried again', async () => {
    const [first, second, third] = [openTab(), openTab(), openTab()];
    await load(first, 'mill');
    await Promise.all([load(second, 'mill'), load(third, 'mill')]);
    const pending = [generate(second, { words: 10_000 }), generate(third, { words: 10_000 })].map(codeOf);
    await new Promise((resolve) => setTimeout(resolve, 100));
    first.leave();
    expect(await Promise.all(pending)).toEqual(['engine-moved true', 'engine-moved true']);
    await Promise.all([load(second, 'mill'), load(third, 'mill')]);
    const [two, three] = await Promise.all([generate(second), generate(third)]);
    expect([two.text, three.text]).toEqual(['mill mill mill mill mill ', 'mill mill mill mill mill ']);
    expect(threads).toBe(2);
  });

  it('by its own will, its next call begins afresh', async () => {
    const first = openTab();
    await load(first, 'mill');
    const pending = codeOf(generate(first, { words: 10_000 }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    first.leave();
    expect(await pending).toBe('disposed false');
    expect((await load(first, 'mill')).name).toBe('mill 1');
  });

  it('silent, it is robbed of the engine within five seconds', async () => {
    let release = () => {};
    const frozen = navigator.locks.request(ENGINE_NAME, () => new Promise<void>((resolve) => (release = resolve)));
    frozen.catch(() => {});
    const started = performance.now();
    const tab = openTab();
    expect((await load(tab, 'mill')).name).toBe('mill 1');
    expect(performance.now() - started).toBeLessThan(5_000);
    release();
  });
});
