import { SottoError } from '../shared/index.ts';

/** What happens to one field of a request. */
export type FieldTreatment =
  /** It does what the API says. */
  | { readonly kind: 'honoured' }
  /** It names something for a server's own book-keeping and never changes an answer; accepted, without effect. */
  | { readonly kind: 'label' }
  /** Only the values that ask for what happens anyway are accepted. */
  | { readonly kind: 'fixed'; readonly values: readonly unknown[]; readonly note: string }
  /** It cannot be honoured, and says why. */
  | { readonly kind: 'refused'; readonly note: string };

export type FieldTable = Readonly<Record<string, FieldTreatment>>;

const HONOURED: FieldTreatment = { kind: 'honoured' };
const LABEL: FieldTreatment = { kind: 'label' };

const SHARED_FIELDS = {
  model: HONOURED,
  stream: HONOURED,
  stream_options: HONOURED,
  temperature: HONOURED,
  top_p: HONOURED,
  top_k: HONOURED,
  min_p: HONOURED,
  repetition_penalty: HONOURED,
  typical_p: HONOURED,
  frequency_penalty: HONOURED,
  presence_penalty: HONOURED,
  seed: HONOURED,
  logit_bias: HONOURED,
  stop: HONOURED,
  max_tokens: HONOURED,
  n: HONOURED,
  speculation: HONOURED,
  priority: HONOURED,
  adapter: HONOURED,
  user: LABEL,
} as const satisfies FieldTable;

/** Every field of the OpenAI chat request (version 7.57 of its client), and Sotto's own. */
export const CHAT_FIELDS: FieldTable = {
  ...SHARED_FIELDS,
  messages: HONOURED,
  logprobs: HONOURED,
  top_logprobs: HONOURED,
  max_completion_tokens: HONOURED,
  tools: HONOURED,
  tool_choice: HONOURED,
  parallel_tool_calls: HONOURED,
  response_format: HONOURED,
  reasoning_effort: HONOURED,
  reasoning: HONOURED,
  reasoning_format: HONOURED,
  chat_template_kwargs: HONOURED,
  documents: HONOURED,
  context_policy: HONOURED,
  metadata: LABEL,
  safety_identifier: LABEL,
  prompt_cache_key: LABEL,
  store: { kind: 'fixed', values: [false], note: 'Nothing is stored for later retrieval.' },
  service_tier: { kind: 'fixed', values: ['auto', 'default'], note: 'There is one tier: this device.' },
  modalities: { kind: 'fixed', values: [['text']], note: 'Text only.' },
  audio: { kind: 'refused', note: 'Text only.' },
  function_call: { kind: 'refused', note: 'Replaced by `tool_choice` in the API itself.' },
  functions: { kind: 'refused', note: 'Replaced by `tools` in the API itself.' },
  moderation: { kind: 'refused', note: 'There is no moderation service on a device.' },
  prediction: { kind: 'refused', note: 'Drafts are taken from the conversation by themselves.' },
  prompt_cache_options: { kind: 'refused', note: 'Common beginnings of prompts are reused by themselves.' },
  prompt_cache_retention: { kind: 'refused', note: 'Common beginnings of prompts are reused by themselves.' },
  verbosity: { kind: 'refused', note: 'Ask for it in the system prompt.' },
  web_search_options: { kind: 'refused', note: 'Nothing leaves the device.' },
};

/** Every field of the OpenAI text completion request, and Sotto's own. */
export const TEXT_FIELDS: FieldTable = {
  ...SHARED_FIELDS,
  prompt: HONOURED,
  logprobs: HONOURED,
  echo: HONOURED,
  best_of: { kind: 'fixed', values: [1], note: 'Answers are not ranked.' },
  suffix: { kind: 'refused', note: 'Filling in the middle needs a model trained for it.' },
};

/** Fields that are true or false; all others are checked where they are read. */
const FLAGS: ReadonlySet<string> = new Set(['stream', 'echo']);

/** Refuses what cannot be honoured, by name: an option is never ignored in silence. */
export function checkFields(request: object, table: FieldTable): void {
  if (typeof request !== 'object' || request === null) {
    throw new SottoError('invalid-option', 'A request must be an object.', { details: { option: 'request' } });
  }
  for (const [name, value] of Object.entries(request)) {
    if (value === undefined || value === null) continue;
    const treatment = Object.hasOwn(table, name) ? table[name] : undefined;
    if (treatment === undefined) throw refusal(name, `"${name}" is not supported.`);
    if (FLAGS.has(name) && typeof value !== 'boolean') throw wrongFlag(name);
    if (treatment.kind === 'refused') throw refusal(name, `"${name}" is not supported. ${treatment.note}`);
    if (treatment.kind === 'fixed' && !isOneOf(value, treatment.values)) {
      const allowed = treatment.values.map((allowedValue) => JSON.stringify(allowedValue)).join(' or ');
      throw refusal(name, `"${name}" can only be ${allowed}. ${treatment.note}`);
    }
  }
}

function wrongFlag(name: string): SottoError {
  return new SottoError('invalid-option', `"${name}" must be true or false.`, { details: { option: name } });
}

function refusal(name: string, message: string): SottoError {
  return new SottoError('unsupported-option', message, { details: { option: name } });
}

function isOneOf(value: unknown, values: readonly unknown[]): boolean {
  return values.some((allowed) => JSON.stringify(allowed) === JSON.stringify(value));
}
