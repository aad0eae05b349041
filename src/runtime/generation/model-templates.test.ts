import { describe, expect, it } from 'vitest';
import { BUILT_IN_TEMPLATES } from '../text/index.ts';
import { checkTemplateOption, templatesOf } from './model-templates.ts';

const OWN = '{{ messages[0].content }}';
const file = (entries: Record<string, string>) => ({ metadata: new Map(Object.entries(entries)) });

describe('templatesOf', () => {
  it('takes the file’s own, and its further ones by purpose', () => {
    const gguf = file({ 'tokenizer.chat_template': OWN, 'tokenizer.chat_template.tool_use': '{{ tools }}' });
    expect(templatesOf(gguf, ['<|im_start|>'], 'm', undefined)).toEqual({
      chatTemplate: OWN,
      chatTemplateSource: 'file',
      namedChatTemplates: { tool_use: '{{ tools }}' },
    });
  });

  it('takes the one called default where several have names and none stands alone', () => {
    const gguf = file({ 'tokenizer.chat_template.default': OWN, 'tokenizer.chat_template.rag': '{{ documents }}' });
    expect(templatesOf(gguf, [], 'm', undefined)).toMatchObject({ chatTemplate: OWN, chatTemplateSource: 'file' });
  });

  it.each([
    [['<|im_start|>', '<|im_end|>'], 'm', 'chatml'],
    [['<|im_start|>', '<|im_sep|>'], 'm', 'phi4'],
    [['<|start_header_id|>'], 'm', 'llama3'],
    [['<start_of_turn>'], 'm', 'gemma'],
    [['<s>', '</s>'], 'Llama-2-7B-Chat', 'llama2'],
    [['<s>', '</s>'], 'TinyLlama 1.1B Chat v1.0', 'zephyr'],
  ] as const)('knows the format of a file without one by its tokens %o or its name %s', (tokens, name, expected) => {
    const { chatTemplate, chatTemplateSource } = templatesOf(file({}), tokens, name, undefined);
    expect(chatTemplateSource).toBe('built-in');
    expect(chatTemplate).toBe(BUILT_IN_TEMPLATES[expected]);
  });

  it('does not guess', () => {
    expect(templatesOf(file({}), ['<s>', '</s>'], 'stories15M', undefined)).toMatchObject({
      chatTemplate: null,
      chatTemplateSource: 'none',
    });
  });

  it('lets the caller choose, by name or by program', () => {
    const gguf = file({ 'tokenizer.chat_template': OWN });
    expect(templatesOf(gguf, [], 'm', 'llama3').chatTemplate).toBe(BUILT_IN_TEMPLATES.llama3);
    expect(templatesOf(gguf, [], 'm', '{{ 1 }}')).toMatchObject({
      chatTemplate: '{{ 1 }}',
      chatTemplateSource: 'option',
    });
  });
});

describe('checkTemplateOption', () => {
  it.each([7, '', 'klingon', '__proto__', 'hello'])('refuses %o and names what there is', (template) => {
    expect(() => checkTemplateOption(template)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining('chatml') }),
    );
  });
});
