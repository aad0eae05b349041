export type { LanguageModelMessage, LanguageModelMessageContent, LanguageModelPrompt } from './canonical-prompt.ts';
export { createPromptApi, type InstallOptions, installPromptApi, type PromptApiOptions } from './create-prompt-api.ts';
export type { LanguageModelPromptOptions, LanguageModelSession } from './language-model.ts';
export type { LanguageModelClass, LanguageModelCreateOptions } from './language-model-class.ts';
export type { Availability, PromptApiEngine } from './model-access.ts';
export type { AssistantCallOptions, WritingAssistant } from './writing-assistant.ts';
export type {
  RewriterCreateOptions,
  SummarizerCreateOptions,
  WriterCreateOptions,
} from './writing-assistant-classes.ts';
