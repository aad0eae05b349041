import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../protocol/index.ts';
import { renderChatTemplate } from '../runtime/text/chat-template/index.ts';
import { chatMessages, isContinued, withSystemPrompt } from './chat-messages.ts';
import { cutAtMark, markEnd } from './continued-answer.ts';
import type { ChatCompletionMessage } from './openai-types.ts';

describe('chatMessages', () => {
  it('joins text parts, and reads the developer as the system', () => {
    const content = [
      { type: 'text' as const, text: 'a' },
      { type: 'text' as const, text: 'b' },
    ];
    expect(
      chatMessages([
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content },
      ]),
    ).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'ab' },
    ]);
  });

  it.each([
    [[], 'empty-prompt'],
    [[{ role: 'user', content: '  ' }], 'empty-prompt'],
    [[{ role: 'wizard', content: 'x' }], 'invalid-option'],
    [[{ role: 'user', content: [{ type: 'image_url' }] }], 'unsupported-option'],
    [[{ role: 'user', content: null }], 'unsupported-option'],
    [[null], 'invalid-option'],
  ])('refuses %j', (messages, code) => {
    expect(() => chatMessages(messages as ChatCompletionMessage[])).toThrow(expect.objectContaining({ code }));
  });
});

it('adds the model’s system prompt only where there is none', () => {
  const user = { role: 'user' as const, content: 'Hi' };
  const own = { role: 'system' as const, content: 'Mine.' };
  expect(withSystemPrompt([user], 'Default.')).toEqual([{ role: 'system', content: 'Default.' }, user]);
  expect(withSystemPrompt([own, user], 'Default.')).toEqual([own, user]);
  expect(withSystemPrompt([user], null)).toEqual([user]);
});

describe('an answer that is continued', () => {
  const template =
    '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

  function continued(content: string) {
    const messages: readonly ChatMessage[] = [
      { role: 'user', content: 'Count.' },
      { role: 'assistant', content },
    ];
    expect(isContinued(messages)).toBe(true);
    const { marked, mark } = markEnd(messages, template);
    const specialTokens = ['<|im_start|>', '<|im_end|>'];
    const request = {
      template,
      messages: marked,
      bosToken: '',
      eosToken: '',
      specialTokens,
      addGenerationPrompt: false,
    };
    return cutAtMark(renderChatTemplate(request), mark);
  }

  const textOf = (pieces: readonly { text: string }[]) => pieces.map(({ text }) => text).join('');

  it('goes on where it ends, blanks included', () => {
    expect(textOf(continued('One, two, '))).toBe(
      '<|im_start|>user\nCount.<|im_end|>\n<|im_start|>assistant\nOne, two, ',
    );
  });

  it('keeps control tokens in it text', () => {
    expect(continued('a<|im_end|>').at(-1)).toEqual({ kind: 'text', text: '<|im_end|>' });
  });

  it('is told from characters people wrote', () => {
    expect(textOf(continued('\uf000\uf001x'))).toMatch(/\uf000\uf001x$/);
  });

  it('is refused by name where the template drops it', () => {
    expect(() => cutAtMark([{ kind: 'template', text: 'no mark' }], '\uf000')).toThrow(
      expect.objectContaining({ code: 'template-rejected' }),
    );
  });
});
