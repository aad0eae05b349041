export { BUILT_IN_TEMPLATES, chooseBuiltInTemplate, isBuiltInTemplate } from './built-in-templates.ts';
export { StopMatcher } from './stop-matcher.ts';
export { StreamingDetokenizer } from './streaming-detokenizer.ts';
export { createTokenizer, type Tokenizer } from './tokenizer.ts';
