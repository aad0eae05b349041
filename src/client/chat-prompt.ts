import type { ChatMessage, GrammarSource, JsonObject, TemplateInputs } from '../protocol/index.ts';
import { isContinued } from './chat-messages.ts';
import type { PreparedPrompt } from './completion-runner.ts';
import { renderPrompt, templateFor } from './generation.ts';
import { loadRequestExtras } from './load-request-extras.ts';
import type { ReadyModel } from './model-load.ts';
import { answerForm } from './structured-output/index.ts';
import { endsInThinking, thinkingTags } from './thinking.ts';
import type { ToolUse } from './tools/index.ts';
import type { Workers } from './workers.ts';

/** What a conversation's prompt is made from. */
export interface ChatPromptRequest {
  readonly messages: readonly ChatMessage[];
  readonly inputs?: TemplateInputs;
  /** Undefined: no tool may be called. */
  readonly use?: ToolUse | undefined;
  /** What the answer's text must look like; undefined: as the model likes. */
  readonly text?: GrammarSource | undefined;
}

/** Messages → prompt; one that ends in the assistant's own words goes on where they end. */
export async function chatPrompt(
  workers: Workers,
  model: ReadyModel,
  request: ChatPromptRequest,
  signal: AbortSignal | undefined,
): Promise<PreparedPrompt> {
  const { use, text } = request;
  const tools = (use?.tools ?? []) as unknown as readonly JsonObject[];
  const template = templateFor(model, { ...request.inputs, tools });
  // Loaded when a conversation first has tools: most never do.
  const support = use !== undefined || request.messages.some(hasTools) ? await import('./tools/index.ts') : undefined;
  const isTaught = support !== undefined && !support.knowsTools(template);
  const messages = isTaught ? support.teachTools(request.messages, use?.tools ?? []) : request.messages;
  const inputs = { ...request.inputs, ...(isTaught || tools.length === 0 ? {} : { tools }) };

  const prompt = isContinued(messages)
    ? await continuedPrompt(workers, model, messages, inputs, signal)
    : await openPrompt(workers, model, messages, inputs, signal);
  const format = use && support?.toolFormatOf(template);
  const form = await answerForm(
    workers,
    // Calls in the manner of a program are read, not kept to a grammar, unless they are required.
    support && format && use && (format.shape !== 'python' || use.isRequired)
      ? support.toolGrammar(format, use, text)
      : text,
    {
      endOfThinking: prompt.thinking?.startsInThinking ? prompt.thinking.tags.close : undefined,
      prefix: isContinued(messages) ? (messages.at(-1)?.content ?? '') : '',
      // Some models have their tags as control tokens, which are no text otherwise.
      visibleTokens: [...(format?.visibleTokens ?? []), ...Object.values(prompt.thinking?.tags ?? {})],
    },
    signal,
  );
  return { ...prompt, form, callReader: support && format && (() => new support.ToolCallReader(format)) };
}

function hasTools({ role, fields }: ChatMessage): boolean {
  return role === 'tool' || fields?.['tool_calls'] !== undefined;
}

async function openPrompt(
  workers: Workers,
  model: ReadyModel,
  messages: readonly ChatMessage[],
  inputs: TemplateInputs,
  signal: AbortSignal | undefined,
): Promise<PreparedPrompt> {
  const pieces = await renderPrompt(workers, model, messages, signal, inputs);
  const tags = thinkingTags(model.chatTemplate);
  const startsInThinking = tags !== undefined && endsInThinking(pieces.at(-1)?.text ?? '', tags);
  return { pieces, thinking: tags && { tags, startsInThinking } };
}

async function continuedPrompt(
  workers: Workers,
  model: ReadyModel,
  messages: readonly ChatMessage[],
  inputs: TemplateInputs,
  signal: AbortSignal | undefined,
): Promise<PreparedPrompt> {
  // Few answers are begun by the caller: what continues them comes when one is.
  const { cutAtMark, markEnd } = await loadRequestExtras();
  const { marked, mark } = markEnd(messages, model.chatTemplate ?? '');
  const rendered = await renderPrompt(workers, model, marked, signal, { ...inputs, addGenerationPrompt: false });
  // What the caller began is an answer already, not thinking.
  return { pieces: cutAtMark(rendered, mark) };
}
