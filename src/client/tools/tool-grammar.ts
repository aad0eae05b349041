import type { GrammarSource } from '../../protocol/index.ts';
import type { ToolUse } from './check-tools.ts';
import type { ToolFormat } from './tool-formats.ts';
import type { ChatCompletionTool } from './tool-types.ts';

/** Calls of one answer: enough for anything sensible, and an end to a model that goes in circles. */
const MOST_CALLS = 16;
const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false } as const;
/** A text that does not begin like a call. */
const NO_CALL: GrammarSource = { kind: 'regex', pattern: '([^{\\s][^]*)?' };

/**
 * What an answer with tools must look like: calls where they are required; else text as the model likes (or as `text` says),
 * in which whatever is announced as a call is one.
 */
export function toolGrammar(format: ToolFormat, use: ToolUse, text: GrammarSource | undefined): GrammarSource {
  const most = use.isParallel ? MOST_CALLS : 1;
  const { marker } = format;
  const calls = sequence(literal(marker), ...allCalls(format, use.tools, most));
  if (use.isRequired) return calls;
  if (text !== undefined) return { kind: 'alternatives', parts: [text, calls] };
  if (marker === '') return { kind: 'alternatives', parts: [NO_CALL, calls] };
  const isEach = format.shape === 'objects' || format.shape === 'named';
  return {
    kind: 'triggered',
    triggers: [marker],
    next: isEach ? sequence(...oneCall(format, use.tools)) : sequence(...allCalls(format, use.tools, most)),
    isRepeated: isEach && use.isParallel,
  };
}

/** All calls of an answer, behind the first marker. */
function allCalls(format: ToolFormat, tools: readonly ChatCompletionTool[], most: number): readonly GrammarSource[] {
  if (format.shape === 'objects' || format.shape === 'named') {
    const again = sequence(literal(format.between + format.marker), ...oneCall(format, tools));
    return [...oneCall(format, tools), repeat(again, most - 1)];
  }
  const call = anyOf(tools.map((tool) => callObject(format, tool)));
  const more = repeat(sequence(literal(', '), call), most - 1);
  return [literal(`${format.open}[`), call, more, literal(`]${format.close}`)];
}

function oneCall(format: ToolFormat, tools: readonly ChatCompletionTool[]): readonly GrammarSource[] {
  if (format.shape === 'named') {
    return [anyOf(tools.map((tool) => sequence(literal(`${tool.function.name}[ARGS]`), parameters(tool))))];
  }
  return [literal(format.open), anyOf(tools.map((tool) => callObject(format, tool))), literal(format.close)];
}

function callObject({ argumentsKey }: ToolFormat, tool: ChatCompletionTool): GrammarSource {
  const head = `{"name": ${JSON.stringify(tool.function.name)}, "${argumentsKey}": `;
  return sequence(literal(head), parameters(tool), literal('}'));
}

function parameters({ function: { parameters: schema } }: ChatCompletionTool): GrammarSource {
  return { kind: 'json-schema', schema: schema === undefined ? NO_ARGUMENTS : { type: 'object', ...schema } };
}

function literal(text: string): GrammarSource {
  return { kind: 'literal', text };
}

function sequence(...parts: readonly GrammarSource[]): GrammarSource {
  return { kind: 'sequence', parts };
}

function anyOf(parts: readonly GrammarSource[]): GrammarSource {
  return { kind: 'alternatives', parts };
}

function repeat(part: GrammarSource, maximum: number): GrammarSource {
  return { kind: 'repeat', part, minimum: 0, maximum };
}
