import {
  type AssistantFormat,
  type RewriterFormat,
  type RewriterLength,
  type RewriterTone,
  rewriterInstructions,
  type SummarizerLength,
  type SummarizerType,
  summarizerInstructions,
  type WriterTone,
  writerInstructions,
} from './instructions.ts';
import { readyContext } from './language-model-class.ts';
import { type Availability, checkLanguages, type ModelAccess } from './model-access.ts';
import {
  type AssistantCallOptions,
  type AssistantCreateOptions,
  type AssistantState,
  WritingAssistant,
} from './writing-assistant.ts';

const FORMATS = ['plain-text', 'markdown'] as const;
const LENGTHS = ['short', 'medium', 'long'] as const;

export interface SummarizerCreateOptions extends AssistantCreateOptions {
  readonly type?: SummarizerType;
  readonly format?: AssistantFormat;
  readonly length?: SummarizerLength;
}

export interface WriterCreateOptions extends AssistantCreateOptions {
  readonly tone?: WriterTone;
  readonly format?: AssistantFormat;
  readonly length?: SummarizerLength;
}

export interface RewriterCreateOptions extends AssistantCreateOptions {
  readonly tone?: RewriterTone;
  readonly format?: RewriterFormat;
  readonly length?: RewriterLength;
}

/** A summariser as it was created. */
export interface SummarizerInstance extends WritingAssistant {
  readonly type: SummarizerType;
  readonly format: AssistantFormat;
  readonly length: SummarizerLength;
  summarize(input: string, options?: AssistantCallOptions): Promise<string>;
  summarizeStreaming(input: string, options?: AssistantCallOptions): ReadableStream<string>;
}

/** A writer as it was created. */
export interface WriterInstance extends WritingAssistant {
  readonly tone: WriterTone;
  readonly format: AssistantFormat;
  readonly length: SummarizerLength;
  write(task: string, options?: AssistantCallOptions): Promise<string>;
  writeStreaming(task: string, options?: AssistantCallOptions): ReadableStream<string>;
}

/** A rewriter as it was created. */
export interface RewriterInstance extends WritingAssistant {
  readonly tone: RewriterTone;
  readonly format: RewriterFormat;
  readonly length: RewriterLength;
  rewrite(input: string, options?: AssistantCallOptions): Promise<string>;
  rewriteStreaming(input: string, options?: AssistantCallOptions): ReadableStream<string>;
}

/** The static side of an assistant. */
export interface AssistantClass<Instance, Options> {
  readonly prototype: Instance;
  availability(options?: Options): Promise<Availability>;
  create(options?: Options): Promise<Instance>;
}

/** What one kind of assistant is told to do, and how it was asked to do it. */
interface Choice<Settings> {
  readonly settings: Settings;
  readonly instructions: string;
}

/** What the static side of every assistant does: settings first, then the model. */
function creation<Options extends AssistantCreateOptions, Settings>(
  access: ModelAccess,
  choose: (options: Options) => Choice<Settings>,
) {
  const check = (options: Options): Choice<Settings> => {
    checkLanguages(options.expectedInputLanguages);
    checkLanguages(options.expectedContextLanguages);
    checkLanguages(options.outputLanguage);
    return choose(options);
  };
  return {
    async availability(options: Options): Promise<Availability> {
      check(options);
      return access.availability();
    },
    async state(options: Options): Promise<{ readonly state: AssistantState; readonly settings: Settings }> {
      const { settings, instructions } = check(options);
      const contextWindow = await readyContext(access, options);
      return { settings, state: { access, instructions, contextWindow, options } };
    },
  };
}

/** `Summarizer` for one model. */
export function summarizerClass(access: ModelAccess): AssistantClass<SummarizerInstance, SummarizerCreateOptions> {
  const { availability, state } = creation(access, (options: SummarizerCreateOptions) => {
    const type = oneOf('type', options.type, ['tldr', 'teaser', 'key-points', 'headline'], 'key-points');
    const format = oneOf('format', options.format, FORMATS, 'markdown');
    const length = oneOf('length', options.length, LENGTHS, 'short');
    return { settings: { type, format, length }, instructions: summarizerInstructions(type, format, length, options) };
  });
  return class Summarizer extends WritingAssistant {
    declare readonly type: SummarizerType;
    declare readonly format: AssistantFormat;
    declare readonly length: SummarizerLength;

    static availability(options: SummarizerCreateOptions = {}): Promise<Availability> {
      return availability(options);
    }

    static async create(options: SummarizerCreateOptions = {}): Promise<Summarizer> {
      const made = await state(options);
      return Object.assign(new Summarizer(made.state), made.settings);
    }

    summarize(input: string, options?: AssistantCallOptions): Promise<string> {
      return this.run(input, options);
    }

    summarizeStreaming(input: string, options?: AssistantCallOptions): ReadableStream<string> {
      return this.stream(input, options);
    }
  };
}

/** `Writer` for one model. */
export function writerClass(access: ModelAccess): AssistantClass<WriterInstance, WriterCreateOptions> {
  const { availability, state } = creation(access, (options: WriterCreateOptions) => {
    const tone = oneOf('tone', options.tone, ['formal', 'neutral', 'casual'], 'neutral');
    const format = oneOf('format', options.format, FORMATS, 'markdown');
    const length = oneOf('length', options.length, LENGTHS, 'short');
    return { settings: { tone, format, length }, instructions: writerInstructions(tone, format, length, options) };
  });
  return class Writer extends WritingAssistant {
    declare readonly tone: WriterTone;
    declare readonly format: AssistantFormat;
    declare readonly length: SummarizerLength;

    static availability(options: WriterCreateOptions = {}): Promise<Availability> {
      return availability(options);
    }

    static async create(options: WriterCreateOptions = {}): Promise<Writer> {
      const made = await state(options);
      return Object.assign(new Writer(made.state), made.settings);
    }

    write(task: string, options?: AssistantCallOptions): Promise<string> {
      return this.run(task, options);
    }

    writeStreaming(task: string, options?: AssistantCallOptions): ReadableStream<string> {
      return this.stream(task, options);
    }
  };
}

/** `Rewriter` for one model. */
export function rewriterClass(access: ModelAccess): AssistantClass<RewriterInstance, RewriterCreateOptions> {
  const { availability, state } = creation(access, (options: RewriterCreateOptions) => {
    const tone = oneOf('tone', options.tone, ['as-is', 'more-formal', 'more-casual'], 'as-is');
    const format = oneOf('format', options.format, ['as-is', ...FORMATS], 'as-is');
    const length = oneOf('length', options.length, ['as-is', 'shorter', 'longer'], 'as-is');
    return { settings: { tone, format, length }, instructions: rewriterInstructions(tone, format, length, options) };
  });
  return class Rewriter extends WritingAssistant {
    declare readonly tone: RewriterTone;
    declare readonly format: RewriterFormat;
    declare readonly length: RewriterLength;

    static availability(options: RewriterCreateOptions = {}): Promise<Availability> {
      return availability(options);
    }

    static async create(options: RewriterCreateOptions = {}): Promise<Rewriter> {
      const made = await state(options);
      return Object.assign(new Rewriter(made.state), made.settings);
    }

    rewrite(input: string, options?: AssistantCallOptions): Promise<string> {
      return this.run(input, options);
    }

    rewriteStreaming(input: string, options?: AssistantCallOptions): ReadableStream<string> {
      return this.stream(input, options);
    }
  };
}

/** One of the allowed values, as an enumeration of the platform reads it. */
function oneOf<T extends string>(name: string, value: T | undefined, allowed: readonly T[], fallback: T): T {
  if (value === undefined) return fallback;
  if (!allowed.includes(value)) throw new TypeError(`"${value}" is not a ${name}: ${allowed.join(', ')} are.`);
  return value;
}
