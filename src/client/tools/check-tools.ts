import { SottoError } from '../../shared/index.ts';
import { invalid } from '../options.ts';
import type { ChatCompletionTool, ToolChoice } from './tool-types.ts';

/** What a request says of tools, checked. */
export interface ToolUse {
  /** The tools that may be called; those of the request, or the one it names. */
  readonly tools: readonly ChatCompletionTool[];
  /** Whether the answer must be a call. */
  readonly isRequired: boolean;
  /** Whether it may be several. */
  readonly isParallel: boolean;
}

interface ToolFields {
  readonly tools?: readonly ChatCompletionTool[] | null | undefined;
  readonly tool_choice?: ToolChoice | null | undefined;
  readonly parallel_tool_calls?: boolean | null | undefined;
}

/** The most tools of a request, as in the API. */
const MOST_TOOLS = 128;

/** Undefined where no tool may be called. Rejects with `invalid-option` or `unsupported-option`. */
export function checkTools({
  tools,
  tool_choice: choice,
  parallel_tool_calls: parallel,
}: ToolFields): ToolUse | undefined {
  const given = tools ?? [];
  if (!Array.isArray(given) || given.length > MOST_TOOLS)
    throw invalid('tools', `must be a list of at most ${MOST_TOOLS}`);
  const names = new Set<string>();
  for (const [index, tool] of given.entries()) checkTool(tool, index, names);
  if (parallel !== undefined && parallel !== null && typeof parallel !== 'boolean') {
    throw invalid('parallel_tool_calls', 'must be true or false');
  }
  const named = namedTool(choice);
  if (given.length === 0) {
    if ((choice ?? 'none') === 'none' || choice === 'auto') return undefined;
    throw invalid('tool_choice', 'asks for a call, but there are no "tools"');
  }
  if (choice === 'none') return undefined;
  if (named === undefined) return { tools: given, isRequired: choice === 'required', isParallel: parallel ?? true };
  const tool = given.find((one) => one.function.name === named);
  if (tool === undefined) throw invalid('tool_choice', `names "${named}", which is none of the tools`);
  return { tools: [tool], isRequired: true, isParallel: false };
}

function checkTool(tool: ChatCompletionTool, index: number, names: Set<string>): void {
  const place = `tools[${index}]`;
  if (tool?.type !== 'function' || typeof tool.function !== 'object' || tool.function === null) {
    const message = `"${place}" must be { type: 'function', function: { name, description, parameters } }.`;
    throw new SottoError('unsupported-option', message, { details: { option: 'tools' } });
  }
  const { name, description, parameters, strict } = tool.function;
  const [unknown] = [
    ...Object.keys(tool).filter((field) => !['type', 'function'].includes(field)),
    ...Object.keys(tool.function)
      .filter((field) => !['name', 'description', 'parameters', 'strict'].includes(field))
      .map((field) => `function.${field}`),
  ];
  if (unknown !== undefined) {
    const message = `"${place}.${unknown}" is not supported.`;
    throw new SottoError('unsupported-option', message, { details: { option: 'tools' } });
  }
  if (strict !== undefined && strict !== null && typeof strict !== 'boolean') {
    throw invalid('tools', `has a "strict" at ${place} that is neither true nor false`);
  }
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    throw invalid('tools', `has no valid name at ${place}: letters, digits, - and _, 64 at most`);
  }
  if (names.has(name)) throw invalid('tools', `has two tools called "${name}"`);
  names.add(name);
  if (description !== undefined && typeof description !== 'string') {
    throw invalid('tools', `has a description at ${place} that is no text`);
  }
  const isObject = typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters);
  if (parameters !== undefined && !(isObject && [undefined, 'object'].includes(parameters['type'] as undefined))) {
    throw invalid('tools', `has parameters at ${place} that are no JSON Schema of an object`);
  }
}

function namedTool(choice: ToolChoice | null | undefined): string | undefined {
  if (choice === undefined || choice === null || choice === 'none' || choice === 'auto' || choice === 'required') {
    return undefined;
  }
  const name = typeof choice === 'object' && choice.type === 'function' ? choice.function?.name : undefined;
  if (typeof name === 'string') return name;
  throw invalid('tool_choice', `must be none, auto, required or { type: 'function', function: { name } }`);
}
