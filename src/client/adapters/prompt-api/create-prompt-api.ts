import { checkOptions, type OptionTable } from '../../options.ts';
import type { Approval } from '../../tools/run-tools.ts';
import { languageModelClass } from './language-model-class.ts';
import { ModelAccess, type PromptApiEngine } from './model-access.ts';
import { LanguageModelToolCall, LanguageModelToolError, LanguageModelToolSuccess } from './tool-parts.ts';
import { rewriterClass, summarizerClass, writerClass } from './writing-assistant-classes.ts';

export interface PromptApiOptions {
  /** The model that answers: one of the catalogue, or the loaded one. */
  readonly model: string;
  /** Asked before a tool runs. Absent: the person is, in a dialog of the browser; `always`: nobody, as browsers do. */
  readonly approve?: Approval;
}

const OPTIONS: OptionTable<PromptApiOptions> = { model: 'text', approve: 'any' };

/** The classes of the platform's language APIs, answered by one model of an engine, on this device. */
export function createPromptApi(engine: PromptApiEngine, options: PromptApiOptions) {
  checkOptions(options, OPTIONS);
  const { model, approve } = options;
  if (typeof model !== 'string') throw new TypeError('"model" must name the model that answers.');
  const access = new ModelAccess(engine, model, approve);
  return {
    LanguageModel: languageModelClass(access),
    Summarizer: summarizerClass(access),
    Writer: writerClass(access),
    Rewriter: rewriterClass(access),
    LanguageModelToolCall,
    LanguageModelToolSuccess,
    LanguageModelToolError,
  };
}

export interface InstallOptions extends PromptApiOptions {
  /** Replaces classes that the browser has: a browser may answer them elsewhere, Sotto does not. Default: false. */
  readonly replacesNative?: boolean;
}

/** Puts the classes where pages look for them, each where the browser has none. Returns the names it put there. */
export function installPromptApi(engine: PromptApiEngine, options: InstallOptions): readonly string[] {
  checkOptions(options, { ...OPTIONS, replacesNative: 'flag' });
  const { replacesNative = false, ...rest } = options;
  const classes = createPromptApi(engine, rest);
  const missing = Object.entries(classes).filter(([name]) => replacesNative || !(name in globalThis));
  for (const [name, value] of missing) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return missing.map(([name]) => name);
}
