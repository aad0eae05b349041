import type { FlowDocument, FlowResult } from '../../protocol/index.ts';
import { isAbortError, SottoError } from '../../shared/index.ts';

/** What goes in, and what must come out: values by their path in the output. */
export interface FlowCase {
  readonly input: unknown;
  readonly expect: Readonly<Record<string, unknown>>;
}

/** One flow over all cases. */
export interface FlowScore {
  /** Share of the cases whose every expectation holds. */
  readonly accuracy: number;
  /** Milliseconds a case, mean and median. */
  readonly meanMs: number;
  readonly medianMs: number;
  /** Tokens that language models wrote, all cases together. */
  readonly tokens: number;
  readonly failures: number;
}

export interface ComparedCase {
  readonly input: unknown;
  readonly expect: FlowCase['expect'];
  /** For each flow: whether it was right, and what stood at the expected places, or its error. */
  readonly outcomes: readonly { readonly isRight: boolean; readonly got: unknown }[];
}

export interface FlowComparison {
  readonly scores: readonly FlowScore[];
  readonly cases: readonly ComparedCase[];
}

type Run = (flow: string | FlowDocument, input: unknown) => Promise<FlowResult>;

/** Runs each case through each flow; who goes first takes turns, because the second finds sentence vectors already there. */
export async function compareFlows(
  flows: readonly (string | FlowDocument)[],
  cases: readonly FlowCase[],
  run: Run,
  onProgress: (done: number, total: number) => void,
): Promise<FlowComparison> {
  if (cases.length === 0) throw new SottoError('task-input', 'There is no case to compare on.');
  const times = flows.map((): number[] => []);
  const tokens = flows.map(() => 0);
  const failures = flows.map(() => 0);
  const compared: ComparedCase[] = [];
  for (const [index, { input, expect }] of cases.entries()) {
    const outcomes: { isRight: boolean; got: unknown }[] = [];
    const order = [...flows.keys()];
    if (index % 2 === 1) order.reverse();
    for (const at of order) {
      try {
        const { output, trace } = await run(flows[at] as string | FlowDocument, input);
        times[at]?.push(trace.ms);
        tokens[at] = (tokens[at] ?? 0) + trace.tokens;
        outcomes[at] = judge(output, expect);
      } catch (error) {
        if (isAbortError(error) || (SottoError.isInstance(error) && error.code === 'flow-invalid')) throw error;
        failures[at] = (failures[at] ?? 0) + 1;
        outcomes[at] = { isRight: false, got: { error: error instanceof Error ? error.message : String(error) } };
      }
    }
    compared.push({ input, expect, outcomes });
    onProgress(index + 1, cases.length);
  }
  const scores = flows.map((_, at) => {
    const own = (times[at] ?? []).toSorted((a, b) => a - b);
    return {
      accuracy: compared.filter(({ outcomes }) => outcomes[at]?.isRight === true).length / cases.length,
      meanMs: own.reduce((sum, ms) => sum + ms, 0) / Math.max(1, own.length),
      medianMs: own[Math.floor(own.length / 2)] ?? 0,
      tokens: tokens[at] ?? 0,
      failures: failures[at] ?? 0,
    };
  });
  return { scores, cases: compared };
}

function judge(output: unknown, expect: FlowCase['expect']): { isRight: boolean; got: unknown } {
  const got = Object.fromEntries(Object.keys(expect).map((path) => [path, partOf(output, path)]));
  return { isRight: Object.entries(expect).every(([path, due]) => isSame(got[path], due)), got };
}

function partOf(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (part, name) =>
        typeof part === 'object' && part !== null && Object.hasOwn(part, name)
          ? (part as Record<string, unknown>)[name]
          : undefined,
      value,
    );
}

/** Texts without regard to case and outer spaces; a list of expectations is met by any of them. */
function isSame(got: unknown, due: unknown): boolean {
  if (Array.isArray(due) && !Array.isArray(got)) return due.some((one) => isSame(got, one));
  const plain = (value: unknown) =>
    typeof value === 'object' && value !== null
      ? JSON.stringify(value)
      : String(value ?? '')
          .trim()
          .toLowerCase();
  return plain(got) === plain(due);
}
