import type { GenerateRequest, GrammarSource } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { SupervisedWorker } from '../supervised-worker.ts';
import type { Workers } from '../workers.ts';

/** A grammar as a request for generation carries it. */
type AnswerGrammar = NonNullable<GenerateRequest['grammar']>;

/** Ordinary schemas take a few milliseconds. What has not ended by then is ended: it comes from anywhere. */
const COMPILE_BUDGET_MS = 5_000;
/** Grammars kept for each sandbox: those of an app that asks in the same few forms again and again. */
const MOST_KEPT = 32;

const kept = new WeakMap<SupervisedWorker<never>, Map<string, AnswerGrammar>>();

/** Compiles a grammar in the sandbox. Rejects with `grammar-invalid`, `grammar-unsupported` or `grammar-too-complex`. */
export async function compileGrammar(
  { sandbox }: Pick<Workers, 'sandbox'>,
  source: GrammarSource,
  signal: AbortSignal | undefined,
): Promise<AnswerGrammar> {
  const key = keyOf(source);
  const grammars = kept.get(sandbox as SupervisedWorker<never>) ?? new Map<string, AnswerGrammar>();
  kept.set(sandbox as SupervisedWorker<never>, grammars);
  const known = grammars.get(key);
  if (known) return known;
  // The clock starts when the thread is there.
  await sandbox.call(({ port }) => Promise.resolve(port.hello()), { signal });
  const compiled = await sandbox.call(({ port }) => port.compileGrammar(source), {
    signal,
    timeoutMs: COMPILE_BUDGET_MS,
    timeoutError: () =>
      new SottoError(
        'grammar-too-complex',
        `The grammar was not compiled within ${COMPILE_BUDGET_MS / 1_000} seconds.`,
      ),
  });
  const grammar = { key, compiled };
  const oldest = grammars.keys().next().value;
  if (grammars.size >= MOST_KEPT && oldest !== undefined) grammars.delete(oldest);
  grammars.set(key, grammar);
  return grammar;
}

/** Functions and cycles have no JSON: a schema that holds some is no schema. */
function keyOf(source: GrammarSource): string {
  try {
    return JSON.stringify(source);
  } catch (cause) {
    throw new SottoError('grammar-invalid', 'The schema is no JSON.', { cause });
  }
}
