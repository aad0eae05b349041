import { describe, expect, it } from 'vitest';
import { ToolCallReader, type ToolPart } from './tool-call-reader.ts';
import { toolFormatOf } from './tool-formats.ts';

/** What the templates of the families write, as far as their format is told by it. */
const TEMPLATES = {
  hermes: '{% if tools %}<tool_call>{% endif %}',
  llama: '{% if tools %}{"name": function name, "parameters": …} <|python_tag|> ipython{% endif %}',
  mistral: '{% if tools %}[AVAILABLE_TOOLS] [TOOL_CALLS]{% endif %}',
  'mistral-named': '{% if tools %}[AVAILABLE_TOOLS] [TOOL_CALLS] [ARGS]{% endif %}',
  granite: '{% if tools %}<|start_of_role|>tools<|tool_call|>{% endif %}',
  phi: '{% if tools %}<|tool|>…<|/tool|>{% endif %}',
  lfm2: '{% if tools %}<|tool_list_start|>{% endif %}',
} as const;

type Family = keyof typeof TEMPLATES;

/** Reads a text in pieces of some length; the text said, and the calls put together from their deltas. */
function read(family: Family, text: string, length: number) {
  let ids = 0;
  const reader = new ToolCallReader(toolFormatOf(TEMPLATES[family]), () => `id${ids++}`);
  const parts: ToolPart[] = [];
  for (let at = 0; at < text.length; at += length) parts.push(...reader.push(text.slice(at, at + length)));
  parts.push(...reader.end());
  const calls: { name: string; arguments: string }[] = [];
  for (const part of parts) {
    if (part.kind !== 'call') continue;
    const { index, function: piece } = part.delta;
    if (piece.name !== undefined) calls[index] = { name: piece.name, arguments: '' };
    calls[index]!.arguments += piece.arguments;
  }
  const said = parts.map((part) => (part.kind === 'content' ? part.text : '')).join('');
  return { said, calls: calls.map(({ name, arguments: given }) => [name, given === '' ? '' : JSON.parse(given)]) };
}

const PARIS = { city: 'Paris' };
const TRICKY = { text: 'a "quote", a } and a </tool_call>', list: [1, { b: '\\' }] };

describe('calls of tools', () => {
  it.each<[Family, string, string, readonly unknown[]]>([
    [
      'hermes',
      '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>',
      '',
      [['weather', PARIS]],
    ],
    [
      'hermes',
      `<tool_call>\n{"name": "note", "arguments": ${JSON.stringify(TRICKY)}}\n</tool_call>`,
      '',
      [['note', TRICKY]],
    ],
    [
      'hermes',
      'I will look.\n<tool_call>\n{"name": "a", "arguments": {}}\n</tool_call>\n<tool_call>\n{"name": "b", "arguments": {"x": [1]}}\n</tool_call>',
      'I will look.\n',
      [
        ['a', {}],
        ['b', { x: [1] }],
      ],
    ],
    [
      'hermes',
      '<tool_call>{"arguments": {"city": "Paris"}, "name": "weather"}</tool_call> There.',
      'There.',
      [['weather', PARIS]],
    ],
    [
      'hermes',
      '<tool_call>\n{"name": "weather", "arguments": "{\\"city\\": \\"Paris\\"}"}\n</tool_call>',
      '',
      [['weather', PARIS]],
    ],
    ['hermes', '<tool_call>\n{"name": "a", "arguments": {}}\n</tool_call', '', [['a', {}]]],
    ['hermes', '<tool_call>\n{"name": "a", "arguments": {}}\n</tool_call>\n<tool_', '', [['a', {}]]],
    ['hermes', 'The tag <tool_call> begins a call.', 'The tag <tool_call> begins a call.', []],
    ['hermes', 'a < b and <tool', 'a < b and <tool', []],
    ['hermes', '{"name": "weather", "arguments": {}}', '{"name": "weather", "arguments": {}}', []],
    ['llama', '{"name": "weather", "parameters": {"city": "Paris"}}', '', [['weather', PARIS]]],
    ['llama', '<|python_tag|>{"name": "weather", "parameters": {"city": "Paris"}}', '', [['weather', PARIS]]],
    [
      'llama',
      '{"type": "function", "function": {"name": "weather", "parameters": {"city": "Paris"}}}',
      '',
      [['weather', PARIS]],
    ],
    [
      'llama',
      '{"name": "a", "parameters": {}}; {"name": "b", "parameters": {}}',
      '',
      [
        ['a', {}],
        ['b', {}],
      ],
    ],
    ['llama', '{"answer": 42}', '{"answer": 42}', []],
    ['llama', 'It is sunny.', 'It is sunny.', []],
    ['mistral', '[TOOL_CALLS][{"name": "weather", "arguments": {"city": "Paris"}}]', '', [['weather', PARIS]]],
    [
      'mistral',
      '[TOOL_CALLS] [{"name": "a", "arguments": {}}, {"name": "b", "arguments": {}, "id": "x"}]',
      '',
      [
        ['a', {}],
        ['b', {}],
      ],
    ],
    ['mistral-named', '[TOOL_CALLS]weather[ARGS]{"city": "Paris"}', '', [['weather', PARIS]]],
    [
      'mistral-named',
      '[TOOL_CALLS]a[ARGS]{}[TOOL_CALLS]b[CALL_ID]123[ARGS]{"x": 1}',
      '',
      [
        ['a', {}],
        ['b', { x: 1 }],
      ],
    ],
    ['granite', '<|tool_call|>[{"name": "weather", "arguments": {"city": "Paris"}}]', '', [['weather', PARIS]]],
    [
      'phi',
      '<|tool_call|>[{"type": "function", "function": {"name": "weather", "arguments": {"city": "Paris"}}}]<|/tool_call|>',
      '',
      [['weather', PARIS]],
    ],
    [
      'lfm2',
      'Let me see. <|tool_call_start|>[weather(city="Paris")]<|tool_call_end|>',
      'Let me see. ',
      [['weather', PARIS]],
    ],
    [
      'lfm2',
      "<|tool_call_start|>[a(x=1.5, y=[True, None], z={'k': 'it\\'s'}), b()]<|tool_call_end|>Done.",
      'Done.',
      [
        ['a', { x: 1.5, y: [true, null], z: { k: "it's" } }],
        ['b', {}],
      ],
    ],
    [
      'lfm2',
      '<|tool_call_start|>[{"name": "weather", "arguments": {"city": "Paris"}}]<|tool_call_end|>',
      '',
      [['weather', PARIS]],
    ],
    ['lfm2', '<|tool_call_start|>no call<|tool_call_end|>', '<|tool_call_start|>no call<|tool_call_end|>', []],
  ])('of %s are read however the answer is cut: %s', (family, text, said, calls) => {
    for (const length of [1, 2, 3, 7, 1_000]) expect(read(family, text, length)).toEqual({ said, calls });
  });

  it.each(Object.entries(TEMPLATES))('know the format of %s by its template', (family, template) => {
    expect(toolFormatOf(template).name).toBe(family);
  });

  it('that were cut keep what there was of their arguments', () => {
    const reader = new ToolCallReader(toolFormatOf(null), () => 'id');
    const parts = [...reader.push('<tool_call>\n{"name": "f", "arguments": {"a": "b'), ...reader.end()];
    expect(parts).toEqual([
      {
        kind: 'call',
        text: '',
        delta: { index: 0, id: 'id', type: 'function', function: { name: 'f', arguments: '' } },
      },
      { kind: 'call', text: '', delta: { index: 0, function: { arguments: '{"a": "b' } } },
    ]);
  });

  it('do not run out of time or stack on hostile text', () => {
    const text = `<tool_call>${'{"name": '.repeat(20_000)}`;
    expect(read('hermes', text, 5_000).said).toBe(text);
    expect(read('lfm2', `<|tool_call_start|>[f(a=${'['.repeat(50_000)})]<|tool_call_end|>`, 9_999).calls).toEqual([]);
  });
});
