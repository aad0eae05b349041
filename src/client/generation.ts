import { proxy } from 'comlink';
import type {
  ChatMessage,
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  PromptPiece,
  TemplateInputs,
} from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import type { ReadyModel } from './model-load.ts';
import type { DroppedMessages, SottoExtras } from './openai-types.ts';
import type { GenerationParameters } from './sampling-parameters.ts';
import { abortByCallId } from './supervised-worker.ts';
import type { Workers } from './workers.ts';

/**
 * A chat template is a program from the model's file. One that has not answered within this time is ended:
 * ordinary templates take a few milliseconds. It gets a second try in a fresh thread, because a busy machine
 * can take as long to schedule a thread at all.
 */
const TEMPLATE_BUDGET_MS = 250;
const TEMPLATE_TRIES = 2;

export interface PromptOptions extends TemplateInputs {
  /** Whether the prompt ends where the assistant's answer begins. */
  readonly addGenerationPrompt?: boolean;
}

/** Some files carry a template of its own for conversations with tools, or with documents. */
export function templateFor({ chatTemplate, namedChatTemplates }: ReadyModel, { tools, documents }: TemplateInputs) {
  const purpose = tools?.length ? 'tool_use' : documents?.length ? 'rag' : 'default';
  return namedChatTemplates[purpose] ?? chatTemplate;
}

/** Chat messages → prompt, in the sandbox. */
export async function renderPrompt(
  workers: Workers,
  model: ReadyModel,
  messages: readonly ChatMessage[],
  signal: AbortSignal | undefined,
  { addGenerationPrompt = true, ...inputs }: PromptOptions = {},
): Promise<readonly PromptPiece[]> {
  const { bosToken, eosToken, specialTokens } = model;
  const template = templateFor(model, inputs);
  if (template === null) {
    const message =
      `"${model.name}" carries no chat template, and its tokens tell no format. Load it with "chatTemplate": a Jinja ` +
      'template or a name (chatml, llama2, llama3, gemma, phi3, zephyr, mistral …); or use a text completion.';
    throw new SottoError('template-rejected', message);
  }
  const request = { ...inputs, template, messages, bosToken, eosToken, specialTokens, addGenerationPrompt };
  const timeoutMessage = `The chat template did not finish within ${TEMPLATE_BUDGET_MS} ms.`;
  for (let attempt = 1; ; attempt++) {
    // The clock starts when the thread is there: starting one is not the template's doing.
    await workers.sandbox.call(({ port }) => Promise.resolve(port.hello()), { signal });
    let hasTimedOut = false;
    try {
      return await workers.sandbox.call(({ port }) => port.renderTemplate(request), {
        signal,
        timeoutMs: TEMPLATE_BUDGET_MS,
        timeoutError: () => {
          hasTimedOut = true;
          return new SottoError('template-rejected', timeoutMessage);
        },
      });
    } catch (error) {
      if (!hasTimedOut || attempt === TEMPLATE_TRIES) throw error;
    }
  }
}

/** A piece of an answer on its way. */
export type TextDelta = Extract<GenerateEvent, { readonly type: 'text-delta' }>;

/** What an answer must look like, and which control tokens are part of its text. */
export type AnswerForm = Pick<GenerateRequest, 'grammar' | 'visibleTokens' | 'thinking' | 'shiftsContext'>;

/** Prompt → answer, in the inference worker. */
export function generate(
  workers: Workers,
  { pieces: prompt, form }: { readonly pieces: readonly PromptPiece[]; readonly form?: AnswerForm | undefined },
  { sampling, maxTokens, stop, topLogprobs, speculation, priority, adapter }: GenerationParameters,
  listen: (event: GenerateEvent) => void,
  signal: AbortSignal | undefined,
): Promise<GenerateResult> {
  const onEvent = proxy((event: GenerateEvent) => {
    if (event.type === 'engine-renewed') workers.onEngineRenewed({ backend: event.backend });
    else listen(event);
  });
  const more = {
    ...form,
    speculation,
    priority,
    ...(adapter ? { adapter } : {}),
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
  };
  const request = (callId: string): GenerateRequest => ({ callId, prompt, maxTokens, stop, sampling, ...more });
  return workers.inference.call(
    ({ port, callId }) =>
      workers.background.watch(
        (isHeld) => void port.hold(callId, isHeld),
        async () => port.generate(request(callId), onEvent),
      ),
    { signal, abort: abortByCallId },
  );
}

export function extrasOf({
  result: { tokenIds, promptTokenIds },
  parameters,
  dropped,
}: {
  readonly result: GenerateResult;
  readonly parameters: GenerationParameters;
  readonly dropped: DroppedMessages | undefined;
}): SottoExtras {
  return { tokenIds, promptTokenIds, seed: parameters.sampling.seed, ...(dropped && { dropped }) };
}
