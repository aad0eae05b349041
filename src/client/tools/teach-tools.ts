import type { ChatMessage } from '../../protocol/index.ts';
import type { ChatCompletionTool, ChatCompletionToolCall } from './tool-types.ts';

/**
 * A conversation for a template that knows no tools: the system message says which there are and how a call is written, calls
 * stand in the text, and what tools answered is told by the user. The way of writing is that of Hermes, which most models
 * have met.
 */
export function teachTools(
  messages: readonly ChatMessage[],
  tools: readonly ChatCompletionTool[],
): readonly ChatMessage[] {
  const said: { role: ChatMessage['role']; content: string; isAnswer: boolean }[] = [];
  for (const { role, content, fields } of messages) {
    if (role !== 'tool') {
      const calls = (fields?.['tool_calls'] ?? []) as unknown as readonly ChatCompletionToolCall[];
      said.push({
        role,
        content: [content, ...calls.map(written)].filter((text) => text !== '').join('\n'),
        isAnswer: false,
      });
      continue;
    }
    const answer = `<tool_response>\n${content}\n</tool_response>`;
    const last = said.at(-1);
    if (last?.isAnswer) last.content += `\n${answer}`;
    else said.push({ role: 'user', content: answer, isAnswer: true });
  }
  const plain = said.map(({ role, content }) => ({ role, content }));
  if (tools.length === 0) return plain;
  const [first, ...rest] = plain;
  if (first?.role !== 'system') return [{ role: 'system', content: lesson(tools) }, ...plain];
  return [{ role: 'system', content: `${first.content}\n\n${lesson(tools)}` }, ...rest];
}

function lesson(tools: readonly ChatCompletionTool[]): string {
  return [
    'You can call these functions, each described in JSON:',
    '<tools>',
    ...tools.map((tool) => JSON.stringify(tool.function)),
    '</tools>',
    'To call one, answer with its name and its arguments in JSON, like this:',
    '<tool_call>',
    '{"name": "function_name", "arguments": {"argument_name": "value"}}',
    '</tool_call>',
  ].join('\n');
}

function written({ function: { name, arguments: given } }: ChatCompletionToolCall): string {
  return `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": ${given}}\n</tool_call>`;
}
