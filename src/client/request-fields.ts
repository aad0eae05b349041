import { SottoError } from '../shared/index.ts';

/** What happens to one field of a request. */
export type FieldTreatment =
  /** It does what the API says. */
  | { readonly kind: 'honoured'; readonly note?: string }
  /** It names something for a server's own book-keeping and never changes an answer; accepted, without effect. */
  | { readonly kind: 'label'; readonly note: string }
  /** Only the values that ask for what happens anyway are accepted. */
  | { readonly kind: 'fixed'; readonly values: readonly unknown[]; readonly note: string }
  /** It cannot be honoured, and says why. */
  | { readonly kind: 'refused'; readonly note: string };

export type FieldTable = Readonly<Record<string, FieldTreatment>>;

const HONOURED: FieldTreatment = { kind: 'honoured' };
const NO_SERVER = 'A label for a server’s records; there is no server.';

const SHARED_FIELDS = {
  model: HONOURED,
  stream: HONOURED,
  stream_options: { kind: 'honoured', note: '`include_usage`; `include_obfuscation` may only be false.' },
  temperature: HONOURED,
  top_p: HONOURED,
  top_k: { kind: 'honoured', note: 'Not in the OpenAI API.' },
  min_p: { kind: 'honoured', note: 'Not in the OpenAI API.' },
  repetition_penalty: { kind: 'honoured', note: 'Not in the OpenAI API.' },
  typical_p: { kind: 'honoured', note: 'Not in the OpenAI API.' },
  frequency_penalty: HONOURED,
  presence_penalty: HONOURED,
  seed: { kind: 'honoured', note: 'Same seed, same device, same text.' },
  logit_bias: HONOURED,
  stop: { kind: 'honoured', note: 'Up to 16 texts.' },
  max_tokens: HONOURED,
  n: { kind: 'honoured', note: 'Up to 16; written one after the other, with seeds that follow each other.' },
  speculation: {
    kind: 'honoured',
    note: '`off`: one token a pass. `auto` (default): guessed and checked several at a time where that is faster; the answer is the same. Not in the OpenAI API.',
  },
  priority: {
    kind: 'honoured',
    note: '`background`: lets `interactive` requests (default) go first. Not in the OpenAI API.',
  },
  user: { kind: 'label', note: NO_SERVER },
} as const satisfies FieldTable;

/** Every field of the OpenAI chat request (version 7.57 of its client), and Sotto's own. */
export const CHAT_FIELDS: FieldTable = {
  ...SHARED_FIELDS,
  messages: { kind: 'honoured', note: 'Text content; images, audio and files are refused.' },
  logprobs: HONOURED,
  top_logprobs: { kind: 'honoured', note: 'Up to 20.' },
  max_completion_tokens: { kind: 'honoured', note: 'Goes before `max_tokens`.' },
  tools: { kind: 'honoured', note: 'Functions; arguments always satisfy their schema. See [tools](guide/tools.md).' },
  tool_choice: { kind: 'honoured', note: '`none`, `auto`, `required`, or one function by name.' },
  parallel_tool_calls: HONOURED,
  response_format: {
    kind: 'honoured',
    note: '`text`, `json_object`, `json_schema`; and `regex`, `grammar`, `choice`, which are not in the OpenAI API. See [structured output](guide/structured-output.md).',
  },
  reasoning_format: {
    kind: 'honoured',
    note: '`separate` (default): thinking goes to `reasoning_content`; `inline`: it stays in the text. Not in the OpenAI API.',
  },
  chat_template_kwargs: {
    kind: 'honoured',
    note: 'Variables for the chat template, such as `enable_thinking`. Not in the OpenAI API.',
  },
  documents: { kind: 'honoured', note: 'For chat templates that know of documents. Not in the OpenAI API.' },
  context_policy: {
    kind: 'honoured',
    note: '`error` (default): a conversation longer than the context is refused. `truncate-middle`: its oldest turns are left out, and `sotto.dropped` says how much. Not in the OpenAI API.',
  },
  metadata: { kind: 'label', note: NO_SERVER },
  safety_identifier: { kind: 'label', note: NO_SERVER },
  prompt_cache_key: { kind: 'label', note: 'Common beginnings of prompts are reused without it.' },
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
  prompt: { kind: 'honoured', note: 'A text or a list of texts; token ids are refused.' },
  logprobs: { kind: 'honoured', note: 'Up to 5.' },
  echo: HONOURED,
  best_of: { kind: 'fixed', values: [1], note: 'Answers are not ranked.' },
  suffix: { kind: 'refused', note: 'Filling in the middle needs a model trained for it.' },
};

/** Refuses what cannot be honoured, by name: an option is never ignored in silence. */
export function checkFields(request: object, table: FieldTable): void {
  for (const [name, value] of Object.entries(request)) {
    if (value === undefined || value === null) continue;
    const treatment = Object.hasOwn(table, name) ? table[name] : undefined;
    if (treatment === undefined) throw refusal(name, `"${name}" is not supported.`);
    if (treatment.kind === 'refused') throw refusal(name, `"${name}" is not supported. ${treatment.note}`);
    if (treatment.kind === 'fixed' && !isOneOf(value, treatment.values)) {
      const allowed = treatment.values.map((allowedValue) => JSON.stringify(allowedValue)).join(' or ');
      throw refusal(name, `"${name}" can only be ${allowed}. ${treatment.note}`);
    }
  }
}

function refusal(name: string, message: string): SottoError {
  return new SottoError('unsupported-option', message, { details: { option: name } });
}

function isOneOf(value: unknown, values: readonly unknown[]): boolean {
  return values.some((allowed) => JSON.stringify(allowed) === JSON.stringify(value));
}
