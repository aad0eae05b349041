import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endsInThinking, ThinkingSplitter, type ThinkingTags, thinkingTags } from './thinking.ts';

const TAGS: ThinkingTags = { open: '<think>', close: '</think>' };

/** What a splitter makes of an answer that arrives in the given pieces. */
function split(pieces: readonly string[], startsInThinking = false, tags = TAGS) {
  const splitter = new ThinkingSplitter({ tags, startsInThinking });
  const parts = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  const join = (kind: string) =>
    parts
      .filter((part) => part.kind === kind)
      .map(({ text }) => text)
      .join('');
  return { reasoning: join('reasoning'), content: join('content') };
}

describe('ThinkingSplitter', () => {
  it('knows the channel that Gemma 4 thinks in, also where it is closed at once', () => {
    const tags = thinkingTags("{{- '<|channel>thought\\n<channel|>' -}}")!;
    expect(split(['<|channel>thou', 'ght\nWhy?\n<chan', 'nel|>Because.'], false, tags)).toEqual({
      reasoning: 'Why?\n',
      content: 'Because.',
    });
    expect(endsInThinking('<|turn>model\n<|channel>thought\n<channel|>', tags)).toBe(false);
    expect(endsInThinking('<|turn>model\n<|channel>thought\n', tags)).toBe(true);
  });

  it.each([
    ['<think>\nWhy?\n</think>\n\nBecause.', false, 'Why?\n', 'Because.'],
    ['\n<think></think>\n\nBecause.', false, '', 'Because.'],
    ['Why?</think>Because.', true, 'Why?', 'Because.'],
    ['Just an answer.', false, '', 'Just an answer.'],
    ['The tag <think> opens, </think> closes.', false, '', 'The tag <think> opens, </think> closes.'],
    ['<think>a</think>b<think>c</think>', false, 'a', 'b<think>c</think>'],
    ['<think>cut off </thi', false, 'cut off </thi', ''],
    ['<thin', false, '', '<thin'],
    ['<think>a</think>\n\n', false, 'a', ''],
    ['  indented code', false, '', '  indented code'],
  ])('%j', (text, startsInThinking, reasoning, content) => {
    expect(split([text], startsInThinking)).toEqual({ reasoning, content });
    expect(split([...text], startsInThinking)).toEqual({ reasoning, content });
  });

  it('does not depend on where the pieces end', () => {
    const tokens = fc.constantFrom('<think>', '</think>', '<', '</', 'th', 'ink>', ' ', '\n', 'x');
    fc.assert(
      fc.property(fc.array(tokens), fc.boolean(), (pieces, startsInThinking) => {
        expect(split(pieces, startsInThinking)).toEqual(split([pieces.join('')], startsInThinking));
      }),
    );
  });

  it('hands text on as it comes', () => {
    const splitter = new ThinkingSplitter({ tags: TAGS, startsInThinking: false });
    expect(splitter.push('<think>One ')).toEqual([{ kind: 'reasoning', text: 'One ' }]);
    expect(splitter.push('two</thi')).toEqual([{ kind: 'reasoning', text: 'two' }]);
    expect(splitter.push('nk> \n')).toEqual([]);
    expect(splitter.push('Three')).toEqual([{ kind: 'content', text: 'Three' }]);
  });
});

// What the published templates of these families write around thinking.
it.each([
  ['Qwen3', "{{- '<think>\\n' + reasoning + '\\n</think>\\n\\n' }}", '<think>', '</think>'],
  ['Magistral', "{{- '[THINK]' + block['thinking'] + '[/THINK]' }}", '[THINK]', '[/THINK]'],
  ['EXAONE Deep', "{% set content = content.split('</thought>')[-1] %}", '<thought>', '</thought>'],
  ['Seed-OSS', "{%- set think_end_token = '</seed:think>' -%}", '<seed:think>', '</seed:think>'],
  ['Kimi-VL', "{{ content.split('◁/think▷') }}", '◁think▷', '◁/think▷'],
])('knows the tags of %s by its template', (_, template, open, close) => {
  const tags = thinkingTags(template);
  expect(tags).toEqual({ open, close });
  expect(split([...`${open}Why?${close}Because.`], false, tags)).toEqual({ reasoning: 'Why?', content: 'Because.' });
});

it('knows from the template whether a model thinks, and from the prompt whether it has begun', () => {
  expect(thinkingTags('{{ messages }}')).toBeUndefined();
  expect(thinkingTags(null)).toBeUndefined();
  expect(endsInThinking('<|assistant|><think>\n', TAGS)).toBe(true);
  expect(endsInThinking('<|assistant|>\n', TAGS)).toBe(false);
});
