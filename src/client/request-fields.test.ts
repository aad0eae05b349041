import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import type { CompletionCreateParams } from 'openai/resources/completions';
import { describe, expect, it } from 'vitest';
import { CHAT_FIELDS, checkFields, type FieldTable, type FieldTreatment, TEXT_FIELDS } from './request-fields.ts';
import { CHAT_NOTES, TEXT_NOTES } from './testing/field-notes.ts';

/** The names are checked by the compiler: a field that a new version of the API adds must be given a treatment here. */
const OPENAI_CHAT: Readonly<Record<keyof ChatCompletionCreateParams, true>> = {
  audio: true,
  frequency_penalty: true,
  function_call: true,
  functions: true,
  logit_bias: true,
  logprobs: true,
  max_completion_tokens: true,
  max_tokens: true,
  messages: true,
  metadata: true,
  modalities: true,
  model: true,
  moderation: true,
  n: true,
  parallel_tool_calls: true,
  prediction: true,
  presence_penalty: true,
  prompt_cache_key: true,
  prompt_cache_options: true,
  prompt_cache_retention: true,
  reasoning_effort: true,
  response_format: true,
  safety_identifier: true,
  seed: true,
  service_tier: true,
  stop: true,
  store: true,
  stream: true,
  stream_options: true,
  temperature: true,
  tool_choice: true,
  tools: true,
  top_logprobs: true,
  top_p: true,
  user: true,
  verbosity: true,
  web_search_options: true,
};
const OPENAI_TEXT: Readonly<Record<keyof CompletionCreateParams, true>> = {
  best_of: true,
  echo: true,
  frequency_penalty: true,
  logit_bias: true,
  logprobs: true,
  max_tokens: true,
  model: true,
  n: true,
  presence_penalty: true,
  prompt: true,
  seed: true,
  stop: true,
  stream: true,
  stream_options: true,
  suffix: true,
  temperature: true,
  top_p: true,
  user: true,
};

const VERDICTS: Readonly<Record<FieldTreatment['kind'], string>> = {
  honoured: 'honoured',
  label: 'accepted, no effect',
  fixed: 'one value only',
  refused: 'refused',
};

function verdictOf(treatment: FieldTreatment | undefined, kept = ''): string {
  if (treatment === undefined) return 'refused | Not built yet.';
  const values =
    treatment.kind === 'fixed' ? `${treatment.values.map((value) => `\`${JSON.stringify(value)}\``).join(', ')}. ` : '';
  return `${VERDICTS[treatment.kind]} | ${values}${'note' in treatment ? treatment.note : kept}`.trimEnd();
}

function table(names: object, fields: FieldTable, notes: Readonly<Record<string, string>>): string {
  const all = [...new Set([...Object.keys(names), ...Object.keys(fields)])].sort();
  const rows = all.map((name) => `| \`${name}\` | ${verdictOf(fields[name], notes[name])} |`);
  return ['| field | what happens | note |', '| --- | --- | --- |', ...rows].join('\n');
}

it('every field is documented', async () => {
  const page = `# Compatibility with the OpenAI API

Every field of its chat and text completion requests, and those that Sotto adds. What is refused rejects with
\`unsupported-option\` and names the field; nothing is ignored in silence. Made by \`src/client/request-fields.test.ts\`
(\`npx vitest run --project node src/client/request-fields.test.ts -u\` writes it anew).

## Chat completions

${table(OPENAI_CHAT, CHAT_FIELDS, CHAT_NOTES)}

## Text completions

${table(OPENAI_TEXT, TEXT_FIELDS, TEXT_NOTES)}

## Messages and tools

Of a message \`role\`, \`content\`, \`tool_calls\`, \`tool_call_id\` are honoured; \`name\` is given to the chat template, and few of them read it.
\`refusal\`, \`annotations\`, \`reasoning_content\` and \`parsed\` are taken without effect, so that an answer can be sent back as it came. Anything
else, in a text part or a tool, too, is refused by name.

## All other calls

Their options are checked in the same way: one that is not known rejects with \`unsupported-option\`, a value that cannot be with
\`invalid-option\`, before anything is loaded (\`src/client/options.test.ts\` goes through them all). Passed on as they are, and checked by those
who read them: \`parameters\` of \`sotto.onnx.run\` (transformers.js drops what it does not know), and the settings of \`sotto.tasks.run\`
and of a flow's nodes beside those that an operation demands.
`;
  await expect(page).toMatchFileSnapshot('../../docs/compatibility.md');
});

describe('checkFields', () => {
  it('passes what is honoured, labels, and absent values', () => {
    const request = {
      model: 'm',
      messages: [],
      temperature: 1,
      user: 'me',
      metadata: { a: 'b' },
      store: false,
      audio: null,
    };
    expect(() => checkFields(request, CHAT_FIELDS)).not.toThrow();
    expect(() => checkFields({ modalities: ['text'], service_tier: 'auto' }, CHAT_FIELDS)).not.toThrow();
  });

  it.each([
    [{ tempreature: 1 }, 'tempreature'],
    [{ prompt: 'the other kind of request' }, 'prompt'],
    [{ store: true }, 'store'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
    [{ web_search_options: {} }, 'web_search_options'],
    [{ constructor: 1 }, 'constructor'],
  ])('does not ignore %j', (request, option) => {
    expect(() => checkFields(request, CHAT_FIELDS)).toThrow(
      expect.objectContaining({ code: 'unsupported-option', details: { option } }),
    );
  });

  it('says why', () => {
    expect(() => checkFields({ web_search_options: {} }, CHAT_FIELDS)).toThrow(/Nothing leaves the device/);
    expect(() => checkFields({ suffix: 'x' }, TEXT_FIELDS)).toThrow(/filling in the middle/i);
  });
});
