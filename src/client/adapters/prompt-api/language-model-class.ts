import type { TokenCountRequest } from '../../openai-types.ts';
import { canonicalPrompt, countable, type LanguageModelMessage, type ToolInput } from './canonical-prompt.ts';
import { domError, quotaExceeded, toDomError } from './dom-errors.ts';
import { LanguageModelSession, type LanguageModelSettings, type LanguageModelState } from './language-model.ts';
import { type LanguageModelTool, SessionTools } from './language-model-tools.ts';
import { type Availability, type CreateOptions, checkLanguages, type ModelAccess } from './model-access.ts';

export type SamplingMode =
  | 'most-predictable'
  | 'predictable'
  | 'slightly-predictable'
  | 'balanced'
  | 'slightly-creative'
  | 'creative'
  | 'most-creative';

interface Expected {
  readonly type: string;
  readonly languages?: readonly string[];
}

export interface LanguageModelCoreOptions {
  /** 0 to 2; above that it counts as 2. */
  readonly temperature?: number;
  /** 1 to 128; above that it counts as 128. */
  readonly topK?: number;
  /** Instead of `temperature` and `topK`; `balanced` is the default. */
  readonly samplingMode?: SamplingMode;
  readonly expectedInputs?: readonly Expected[];
  readonly expectedOutputs?: readonly Expected[];
  /** Functions of the page that the model may call while it answers. */
  readonly tools?: readonly LanguageModelTool[];
}

export interface LanguageModelCreateOptions extends LanguageModelCoreOptions, CreateOptions {
  readonly initialPrompts?: readonly LanguageModelMessage[];
}

const TOOL_INPUTS: readonly ToolInput[] = ['tool-call', 'tool-response'];
const MAX_TEMPERATURE = 2;
const MAX_TOP_K = 128;

/** Temperatures of the sampling modes; `balanced` is what the model's makers recommend. */
const MODES: Readonly<Record<SamplingMode, number | undefined>> = {
  'most-predictable': 0,
  predictable: 0.3,
  'slightly-predictable': 0.5,
  balanced: undefined,
  'slightly-creative': 0.85,
  creative: 1,
  'most-creative': 1.3,
};

/** The static side of `LanguageModel`. */
export interface LanguageModelClass {
  readonly prototype: LanguageModelSession;
  new (state: LanguageModelState): LanguageModelSession;
  availability(options?: LanguageModelCoreOptions): Promise<Availability>;
  params(): Promise<Readonly<Record<'defaultTopK' | 'maxTopK' | 'defaultTemperature' | 'maxTemperature', number>>>;
  create(options?: LanguageModelCreateOptions): Promise<LanguageModelSession>;
}

/** `LanguageModel` for one model: the platform's class, whose static methods know where the model comes from. */
export function languageModelClass(access: ModelAccess): LanguageModelClass {
  return class LanguageModel extends LanguageModelSession {
    static async availability(options: LanguageModelCoreOptions = {}): Promise<Availability> {
      settingsOf(options);
      toolsOf(options, access);
      return isTextOnly(options) ? access.availability() : 'unavailable';
    }

    static async params() {
      return { defaultTopK: 40, maxTopK: MAX_TOP_K, defaultTemperature: 0.7, maxTemperature: MAX_TEMPERATURE };
    }

    static async create(options: LanguageModelCreateOptions = {}): Promise<LanguageModel> {
      const settings = settingsOf(options);
      const { initialPrompts = [] } = options;
      const tools = toolsOf(options, access);
      if (!isTextOnly(options)) {
        throw domError('NotSupportedError', 'This model reads and writes text.');
      }
      const inputs = inputsOf(options);
      const initial = initialPrompts.length === 0 ? [] : canonicalPrompt(initialPrompts, false, inputs).messages;
      const contextWindow = await readyContext(access, options);
      const contextUsage = await usageOf(
        access,
        { messages: countable(initial), tools: tools.described },
        options.signal,
      );
      if (contextUsage >= contextWindow) throw quotaExceeded(contextUsage, contextWindow);
      const session = new LanguageModel({
        access,
        settings,
        tools,
        inputs,
        initial,
        history: initial,
        contextWindow,
        contextUsage,
      });
      session.endWith(options.signal);
      return session;
    }
  };
}

/** Makes the model ready; its context in tokens. */
export async function readyContext(access: ModelAccess, options: CreateOptions): Promise<number> {
  options.signal?.throwIfAborted();
  const target = new EventTarget();
  // What a monitor throws is the page's own, and stays what it is.
  options.monitor?.(target);
  try {
    return (await access.ready(target, options.signal)).contextLength;
  } catch (error) {
    throw options.signal?.aborted ? options.signal.reason : toDomError(error);
  }
}

async function usageOf(
  { engine, modelId }: ModelAccess,
  request: Omit<TokenCountRequest, 'model'>,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (request.messages.length === 0) return 0;
  try {
    return (await engine.chat.completions.countTokens({ ...request, model: modelId }, { signal })).total_tokens;
  } catch (error) {
    throw signal?.aborted ? signal.reason : toDomError(error);
  }
}

/** Ranges as the specification has them: too high is the highest, nonsense is refused. */
function settingsOf(options: LanguageModelCoreOptions): LanguageModelSettings {
  const { temperature, topK, samplingMode = 'balanced', expectedInputs = [], expectedOutputs = [] } = options;
  for (const { languages } of [...expectedInputs, ...expectedOutputs]) checkLanguages(languages);
  if (!Object.hasOwn(MODES, samplingMode)) throw new TypeError(`"${samplingMode}" is not a sampling mode.`);
  if (temperature !== undefined && !(temperature >= 0)) throw new RangeError('A temperature is a number from 0 on.');
  if (topK !== undefined && !(topK >= 1)) throw new RangeError('topK is a number from 1 on.');
  const isByNumbers = temperature !== undefined || topK !== undefined;
  if (isByNumbers && options.samplingMode !== undefined) {
    throw new TypeError('A sampling mode stands instead of a temperature and topK: give one or the other.');
  }
  return {
    samplingMode: isByNumbers ? null : samplingMode,
    temperature: temperature === undefined ? MODES[samplingMode] : Math.min(temperature, MAX_TEMPERATURE),
    topK: topK === undefined ? undefined : Math.floor(Math.min(topK, MAX_TOP_K)),
  };
}

function toolsOf(
  { tools = [], expectedOutputs = [] }: LanguageModelCoreOptions,
  { approve }: ModelAccess,
): SessionTools {
  const isOpen = expectedOutputs.some(({ type }) => type === 'tool-call');
  return new SessionTools(tools, approve, isOpen);
}

function inputsOf({ expectedInputs = [] }: LanguageModelCoreOptions): ReadonlySet<ToolInput> {
  return new Set(TOOL_INPUTS.filter((input) => expectedInputs.some(({ type }) => type === input)));
}

function isTextOnly({ expectedInputs = [], expectedOutputs = [] }: LanguageModelCoreOptions): boolean {
  const reads = expectedInputs.every(({ type }) => type === 'text' || TOOL_INPUTS.includes(type as ToolInput));
  return reads && expectedOutputs.every(({ type }) => type === 'text' || type === 'tool-call');
}
