/** What the compatibility page says of fields that do what they should: for readers, and therefore not in the product. */
const NO_SERVER = 'A label for a server’s records; there is no server.';

const SHARED_NOTES: Readonly<Record<string, string>> = {
  stream_options: '`include_usage`; `include_obfuscation` may only be false.',
  top_k: 'Not in the OpenAI API.',
  min_p: 'Not in the OpenAI API.',
  repetition_penalty: 'Not in the OpenAI API.',
  typical_p: 'Not in the OpenAI API.',
  seed: 'Same seed, same device, same text.',
  stop: 'Up to 16 texts.',
  n: 'Up to 16; written one after the other, with seeds that follow each other.',
  speculation:
    '`off`: one token a pass. `auto` (default): guessed and checked several at a time where that is faster; the answer is the same. Not in the OpenAI API.',
  priority: '`background`: lets `interactive` requests (default) go first. Not in the OpenAI API.',
  adapter: 'LoRA adapters by name, with scales if wanted: `sotto.models.loadAdapter`. Not in the OpenAI API.',
  user: NO_SERVER,
};

export const CHAT_NOTES: Readonly<Record<string, string>> = {
  ...SHARED_NOTES,
  messages: 'Text content; images, audio and files are refused.',
  top_logprobs: 'Up to 20.',
  max_completion_tokens: 'Goes before `max_tokens`.',
  tools: 'Functions; arguments always satisfy their schema. See [tools](guide/tools.md).',
  tool_choice: '`none`, `auto`, `required`, or one function by name.',
  response_format:
    '`text`, `json_object`, `json_schema`; and `regex`, `grammar`, `choice`, which are not in the OpenAI API. See [structured output](guide/structured-output.md).',
  reasoning_effort:
    'How much of the answer’s tokens a model that thinks may think with: `none` 0, `minimal` a tenth, `low` a fifth, `medium` half, `high` four fifths, `xhigh` nine tenths, `max` all. Where they are spent it must answer. A model that does not think keeps any bound.',
  reasoning: '`{ max_tokens }` or `{ effort }`: the same bound. Not in the OpenAI API.',
  reasoning_format:
    '`separate` (default): thinking goes to `reasoning_content`; `inline`: it stays in the text. Not in the OpenAI API.',
  chat_template_kwargs: 'Variables for the chat template, such as `enable_thinking`. Not in the OpenAI API.',
  documents: 'For chat templates that know of documents. Not in the OpenAI API.',
  context_policy:
    '`error` (default): a conversation longer than the context is refused. `truncate-middle`: its oldest turns are left out, and `sotto.dropped` says how much. `shift`: the same, and an answer that fills the context goes on, its middle forgotten and counted too. Not in the OpenAI API.',
  metadata: NO_SERVER,
  safety_identifier: NO_SERVER,
  prompt_cache_key: 'Common beginnings of prompts are reused without it.',
};

export const TEXT_NOTES: Readonly<Record<string, string>> = {
  ...SHARED_NOTES,
  prompt: 'A text or a list of texts; token ids are refused.',
  logprobs: 'Up to 5.',
};
