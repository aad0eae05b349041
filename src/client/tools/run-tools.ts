import { throwIfAborted } from '../../shared/index.ts';
import type { ChatCompletion, ChatCompletionMessage, ChatCompletionRequest, RequestOptions } from '../openai-types.ts';
import { checkOptions, invalid, SIGNAL } from '../options.ts';
import type { ChatCompletionTool, ChatCompletionToolCall, FunctionDefinition } from './tool-types.ts';

/** A tool that the page itself runs. */
export interface RunnableTool {
  readonly type: 'function';
  readonly function: FunctionDefinition & {
    /** Takes the arguments, which satisfy `parameters`. What it returns is told to the model, as JSON unless it is text. */
    readonly execute: (given: Readonly<Record<string, unknown>>, call: ToolCallRequest) => unknown;
  };
}

/** A call that waits for a person's word. */
export interface ToolCallRequest {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal | undefined;
}

/** Whether calls run: all, or those that this says yes to. */
export type Approval = 'always' | ((call: ToolCallRequest) => boolean | Promise<boolean>);

export interface RunToolsRequest extends Omit<ChatCompletionRequest, 'tools' | 'stream' | 'n'> {
  readonly tools: readonly RunnableTool[];
}

export interface RunToolsOptions extends RequestOptions {
  /**
   * Asked before every call; nothing runs without a yes. Absent: the person is asked in a dialog of the browser, and where
   * there is none (a worker, a server) nothing is run. `always` is for tools that can do no harm.
   */
  readonly approve?: Approval | undefined;
  /** The most answers of the model; 5 where absent. */
  readonly maxSteps?: number | undefined;
  /** Told of every message that is added to the conversation. */
  readonly onMessage?: ((message: ChatCompletionMessage) => void) | undefined;
}

export interface RunToolsResult {
  /** The last answer of the model. */
  readonly completion: ChatCompletion;
  /** The whole conversation, calls and their results included. */
  readonly messages: readonly ChatCompletionMessage[];
  /** Why it ended: the model had answered, or the steps were used up. */
  readonly reason: 'answer' | 'max-steps';
}

type Create = (
  request: ChatCompletionRequest & { readonly stream: false },
  options: RequestOptions,
) => Promise<ChatCompletion>;

const DEFAULT_STEPS = 5;

/**
 * Lets the model call tools until it has an answer. Each call is put to `approve` first, whatever asked for it: a person, or
 * a text that a tool or a search brought. What fails or is not allowed is told to the model.
 */
export async function runTools(
  create: Create,
  request: RunToolsRequest,
  options: RunToolsOptions = {},
): Promise<RunToolsResult> {
  checkOptions(options, { ...SIGNAL, approve: 'any', maxSteps: 'any', onMessage: 'function' });
  const { approve, maxSteps = DEFAULT_STEPS, onMessage = () => {}, signal } = options;
  if (approve !== undefined && approve !== 'always' && typeof approve !== 'function') {
    throw invalid('approve', 'must be a function or "always"');
  }
  if (typeof request !== 'object' || request === null) throw invalid('request', 'must be an object');
  if (!Array.isArray(request.tools)) throw invalid('tools', 'must be a list');
  for (const tool of request.tools as readonly Partial<RunnableTool>[]) {
    if (typeof tool?.function?.execute !== 'function') throw invalid('tools', 'must each have a function "execute"');
  }
  if (!Array.isArray(request.messages)) throw invalid('messages', 'must be a list');
  for (const name of ['stream', 'n'] as const) {
    if ((request as ChatCompletionRequest)[name]) throw invalid(name, 'is not for a loop of calls: it has one answer');
  }
  if (!Number.isInteger(maxSteps) || maxSteps < 1) {
    throw invalid('maxSteps', 'must be a whole number from 1');
  }
  const tools = new Map(request.tools.map((tool) => [tool.function.name, tool]));
  const messages: ChatCompletionMessage[] = [...request.messages];
  const add = (message: ChatCompletionMessage) => {
    messages.push(message);
    onMessage(message);
  };
  for (let step = 1; ; step++) {
    throwIfAborted(signal);
    // A call that was demanded has been made: what comes next is the answer.
    const choice = step > 1 && request.tool_choice !== 'none' ? 'auto' : request.tool_choice;
    const asked = {
      ...request,
      messages,
      tools: request.tools.map(described),
      tool_choice: choice,
      stream: false as const,
    };
    const completion = await create(asked, { signal });
    const message = completion.choices[0]?.message;
    const calls = message?.tool_calls ?? [];
    add({ role: 'assistant', content: message?.content ?? '', ...(calls.length > 0 ? { tool_calls: calls } : {}) });
    if (completion.choices[0]?.finish_reason !== 'tool_calls') return { completion, messages, reason: 'answer' };
    for (const call of calls) {
      throwIfAborted(signal);
      const content = await runCall(call, tools.get(call.function.name), approve, signal);
      add({ role: 'tool', tool_call_id: call.id, content });
    }
    if (step >= maxSteps) return { completion, messages, reason: 'max-steps' };
  }
}

function described({ type, function: { execute: _, ...definition } }: RunnableTool): ChatCompletionTool {
  return { type, function: definition };
}

/** Runs one call if it may run; what the model is told of it. */
export async function runCall(
  { id, function: { name, arguments: text } }: ChatCompletionToolCall,
  tool: RunnableTool | undefined,
  approve: Approval | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (tool === undefined) return failure(`There is no tool called ${name}.`);
  const given = argumentsOf(text);
  if (given === undefined) return failure('The arguments are no JSON object.');
  const call: ToolCallRequest = { id, name, arguments: given, signal };
  const isAllowed = approve === 'always' || (await (approve ?? askPerson)(call)) === true;
  if (!isAllowed) return failure('The person did not allow this call.');
  throwIfAborted(signal);
  try {
    const result = await tool.function.execute(given, call);
    return typeof result === 'string' ? result : (JSON.stringify(result) ?? 'null');
  } catch (error) {
    throwIfAborted(signal);
    return failure(error instanceof Error ? error.message : String(error));
  }
}

function argumentsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function failure(error: string): string {
  return JSON.stringify({ error });
}

function askPerson({ name, arguments: given }: ToolCallRequest): boolean {
  if (typeof globalThis.confirm !== 'function') return false;
  return globalThis.confirm(`${name}\n\n${JSON.stringify(given, null, 2)}`);
}
