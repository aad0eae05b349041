import type { FlowResult, TaskEvent } from '../../protocol/index.ts';
import { abortError, SottoError } from '../../shared/index.ts';
import { AsyncQueue } from '../async-queue.ts';
import type { Base, CompletionStream } from '../completion-runner.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionRequest,
  CompletionUsage,
  RequestOptions,
} from '../openai-types.ts';
import { generationParameters, NEUTRAL_DEFAULTS, wantsUsageChunk } from '../sampling-parameters.ts';
import type { LazyTasks } from '../tasks/index.ts';
import { flowInput } from './flow-input.ts';

const PREFIX = 'flow:';

/** Fields that say how one model writes one text. A flow has its own models, with their own settings: these would change nothing. */
const REFUSED = ['tools', 'tool_choice', 'stop', 'logit_bias', 'logprobs', 'top_logprobs'] as const;

/**
 * Answers a chat request through a flow. Its trace comes in `sotto.flow`; of a stream, each step in `flow_step` as it ends.
 * Rejects with `model-unknown`, `unsupported-option`, `empty-prompt`, `invalid-option` or what the flow rejects with.
 */
export async function answerThroughFlow(
  flows: LazyTasks['flows'],
  request: ChatCompletionRequest,
  { signal }: RequestOptions,
): Promise<CompletionStream<ChatCompletionChunk> | ChatCompletion> {
  if (signal?.aborted) throw abortError();
  const wantsData = checkRequest(request);
  const { sampling } = generationParameters(request, NEUTRAL_DEFAULTS);
  const seed = typeof request.seed === 'number' ? sampling.seed : 1;
  const flow = request.model.slice(PREFIX.length);
  const document = await flows.document(flow, { signal }).catch((cause: unknown) => {
    if (!SottoError.isInstance(cause) || cause.code !== 'flow-invalid') throw cause;
    throw new SottoError('model-unknown', cause.message, { cause });
  });
  const input = flowInput(document, request);
  const base = { id: `chatcmpl-${crypto.randomUUID()}`, created: Math.floor(Date.now() / 1000), model: request.model };
  const run = (stop: AbortSignal | undefined, onEvent?: (event: TaskEvent) => void) =>
    flows.run(flow, input, { seed, signal: stop, ...(onEvent === undefined ? {} : { onEvent }) });
  const contentOf = ({ output, reply }: FlowResult) => (wantsData ? JSON.stringify(output) : reply);
  if (request.stream !== true) return whole(await run(signal), contentOf, base);

  const abandoned = new AbortController();
  const queue = new AsyncQueue<ChatCompletionChunk>(() => abandoned.abort());
  const anySignal = signal ? AbortSignal.any([signal, abandoned.signal]) : abandoned.signal;
  const chunk = (delta: ChatCompletionChunk['choices'][number]['delta'], more = {}): ChatCompletionChunk => ({
    ...base,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: null, logprobs: null }],
    ...more,
  });
  queue.push(chunk({ role: 'assistant', content: '' }));
  const told = new Set<string>();
  let isOver = false;
  const tellStep = (step: FlowResult['trace']['steps'][number]) => {
    if (isOver || told.has(step.node)) return;
    told.add(step.node);
    queue.push(chunk({}, { flow_step: step }));
  };
  const tell = (event: TaskEvent) => {
    if (event.type === 'flow-step') tellStep(event.step);
  };
  run(anySignal, tell).then(
    (result) => {
      // Events come through a port of their own: the result may be here before the last of them.
      for (const step of result.trace.steps) tellStep(step);
      isOver = true;
      // Word by word, as clients expect it; all of it is there already.
      for (const content of contentOf(result).match(/\s*\S+|\s+$/g) ?? []) queue.push(chunk({ content }));
      const usage = usageOf(result);
      const hasUsageChunk = wantsUsageChunk(request);
      queue.push({
        ...chunk({}),
        choices: [{ index: 0, delta: {}, finish_reason: 'stop', logprobs: null }],
        ...(hasUsageChunk ? {} : { usage }),
        ...finished(result),
      });
      if (hasUsageChunk) queue.push({ ...base, object: 'chat.completion.chunk', choices: [], usage });
      queue.close();
    },
    (error: unknown) => queue.fail(error),
  );
  return queue;
}

/** True where the flow's whole output is asked for, as JSON. */
function checkRequest(request: ChatCompletionRequest): boolean {
  const refuse = (option: string, message: string): never => {
    throw new SottoError('unsupported-option', message, { details: { option } });
  };
  for (const name of REFUSED) {
    const value = request[name];
    const isAsked = value !== undefined && value !== null && value !== false && value !== 'none' && value !== 'auto';
    if (isAsked && !(Array.isArray(value) && value.length === 0)) refuse(name, `A flow takes no "${name}".`);
  }
  if ((request.n ?? 1) !== 1) refuse('n', 'A flow gives one answer.');
  const format = request.response_format?.type ?? 'text';
  if (format !== 'text' && format !== 'json_object')
    refuse('response_format', 'A flow answers as text, or its whole output as json_object.');
  return format === 'json_object';
}

function whole(result: FlowResult, contentOf: (result: FlowResult) => string, base: Base): ChatCompletion {
  const message = { role: 'assistant', content: contentOf(result), refusal: null } as const;
  return {
    ...base,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }],
    usage: usageOf(result),
    ...finished(result),
  };
}

/** Tokens that language models wrote in it; most steps write none. */
function usageOf({ trace: { tokens } }: FlowResult): CompletionUsage {
  return {
    prompt_tokens: 0,
    completion_tokens: tokens,
    total_tokens: tokens,
    prompt_tokens_details: { cached_tokens: 0 },
  };
}

function finished({ status, output, trace }: FlowResult): Pick<ChatCompletion, 'timings' | 'sotto'> {
  return {
    timings: {
      promptTokens: 0,
      cachedTokens: 0,
      completionTokens: trace.tokens,
      firstTokenMs: trace.ms,
      prefillTokensPerSecond: 0,
      decodeTokensPerSecond: 0,
    },
    sotto: { tokenIds: [], promptTokenIds: [], seed: trace.seed, flow: { status, output, trace } },
  };
}
