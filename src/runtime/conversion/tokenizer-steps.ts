import { ModelConfig } from './model-config.ts';

const LISTS = { normalizer: 'normalizers', pre_tokenizer: 'pretokenizers' } as const;

/** What a tokenizer.json does to a text before it looks for tokens, one step after the other. */
export function stepsOf(tokenizer: ModelConfig, part: keyof typeof LISTS): readonly ModelConfig[] {
  const step = tokenizer.object(part);
  const inner = step?.raw(LISTS[part]);
  return Array.isArray(inner) ? inner.map((item) => new ModelConfig(item, part)) : step ? [step] : [];
}
