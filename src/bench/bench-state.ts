import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Bench } from '../client/bench/index.ts';
import type { BenchEngine, BenchFigure, BenchModel } from '../protocol/index.ts';
import { isAbortError } from '../shared/index.ts';
import type { Peer } from './peers.ts';
import { type BenchPlan, type Extent, nameOf, PLANS } from './plan.ts';
import { type BenchReport, type Column, keyOf, reportOf } from './report.ts';
import { TEXT } from './text.ts';

/** What to measure, and how much of it. */
export interface Wish {
  readonly model: BenchModel;
  readonly engines: readonly BenchEngine[];
  /** Names of other engines; all that the folder brings where absent. */
  readonly peers?: readonly string[] | undefined;
  readonly plan: BenchPlan;
}

export interface BenchState {
  readonly model: Signal<BenchModel>;
  readonly engines: Signal<ReadonlySet<BenchEngine>>;
  readonly extent: Signal<Extent>;
  readonly isRunning: ReadonlySignal<boolean>;
  /** What happens now, or what went wrong. */
  readonly news: ReadonlySignal<string>;
  readonly columns: ReadonlySignal<readonly Column[]>;
  readonly report: ReadonlySignal<BenchReport>;
  /** Measures what was chosen. */
  start(): Promise<void>;
  /** Measures one engine after the other; one that fails does not stop the next. */
  run(wish: Wish): Promise<BenchReport>;
  stop(): void;
}

export function createBenchState(bench: Bench, peers: readonly Peer[]): BenchState {
  const model = signal<BenchModel>({ kind: 'random', shape: '135m', quantisation: 'Q4_1' });
  const engines = signal<ReadonlySet<BenchEngine>>(new Set(['webgpu', 'threads']));
  const extent = signal<Extent>('quick');
  const running = signal<AbortController | null>(null);
  const news = signal('');
  const columns = signal<readonly Column[]>([]);
  const failures = signal<BenchReport['failures']>([]);

  const keep = (column: Column) => {
    const key = keyOf(column);
    const others = columns.value.filter((other) => keyOf(other) !== key);
    columns.value = [...others, column];
  };

  const measureOwn = async (engine: BenchEngine, wish: Wish, abort: AbortSignal) => {
    const name = TEXT.engineNames[engine];
    const figures: BenchFigure[] = [];
    const column: Column = {
      engine,
      description: '',
      model: nameOf(wish.model),
      loadMs: 0,
      memoryBytes: null,
      figures,
      profile: null,
    };
    const result = await bench.measure(
      { model: wish.model, engine, ...wish.plan },
      {
        signal: abort,
        onEvent: (event) => {
          if (event.type === 'bench-load') news.value = TEXT.loading(name, event.share);
          else {
            figures.push(event.figure);
            news.value = TEXT.measuring(name);
            keep({ ...column, figures: [...figures] });
          }
        },
      },
    );
    // Another run took the place of this one: what runs now is its own.
    abort.throwIfAborted();
    keep({ ...column, ...result, model: column.model });
    // The next engine begins in a thread of its own, with all memory given back.
    bench.stop();
  };

  const measurePeer = async (peer: Peer, wish: Wish, abort: AbortSignal) => {
    if (wish.model.kind !== 'random') return;
    news.value = TEXT.measuring(peer.name);
    const file = await bench.modelFile(wish.model);
    const onNews = (text: string) => {
      news.value = `${peer.name}: ${text}`;
    };
    keep(await peer.measure({ file, of: wish.model }, wish.plan, onNews, abort));
  };

  const run = async (wish: Wish): Promise<BenchReport> => {
    if (running.value !== null) {
      running.value.abort();
      bench.stop();
    }
    const controller = new AbortController();
    running.value = controller;
    const isCurrent = () => running.value === controller;
    const failed: { engine: string; reason: string }[] = [];
    const attempt = async (engine: string, measure: () => Promise<void>) => {
      controller.signal.throwIfAborted();
      try {
        await measure();
      } catch (error) {
        controller.signal.throwIfAborted();
        if (isAbortError(error)) throw error;
        failed.push({ engine, reason: error instanceof Error ? error.message : String(error) });
        failures.value = [...failed];
      }
    };
    failures.value = [];
    try {
      for (const engine of wish.engines) {
        await attempt(TEXT.engineNames[engine], () => measureOwn(engine, wish, controller.signal));
      }
      for (const peer of peers.filter(({ name }) => wish.peers?.includes(name) ?? true)) {
        await attempt(peer.name, () => measurePeer(peer, wish, controller.signal));
      }
      news.value = [...failed.map(({ engine, reason }) => TEXT.failed(engine, reason)), TEXT.done].join(' ');
    } catch (error) {
      if (!isAbortError(error)) throw error;
      if (isCurrent()) {
        bench.stop();
        news.value = TEXT.stopped;
      }
    } finally {
      if (isCurrent()) running.value = null;
    }
    return reportOf(columns.value, failures.value);
  };

  return {
    model,
    engines,
    extent,
    news,
    columns,
    isRunning: computed(() => running.value !== null),
    report: computed(() => reportOf(columns.value, failures.value)),
    run,
    start: async () => {
      await run({ model: model.value, engines: [...engines.value], plan: PLANS[extent.value] });
    },
    stop: () => running.value?.abort(),
  };
}
