export { createSottoProvider, type SottoProvider } from './create-sotto-provider.ts';
export type { AiSdkEngine } from './sotto-language-model.ts';
