import type { JsonObject, TemplateInputs } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import type { ChatCompletionRequest } from './openai-types.ts';

/** What a request gives to the chat template besides the messages. Rejects with `invalid-option` what is not JSON. */
export function templateInputs(
  { documents, chat_template_kwargs: given }: ChatCompletionRequest,
  { mayThink = true } = {},
): TemplateInputs {
  // A mistake like `false` is one, too: only what is absent says nothing.
  const hasDocuments = documents !== undefined && documents !== null;
  if (hasDocuments && !(Array.isArray(documents) && documents.every(isJsonObject))) {
    throw invalid('documents', 'a list of objects');
  }
  const hasVariables = given !== undefined && given !== null;
  if (hasVariables && !isJsonObject(given)) throw invalid('chat_template_kwargs', 'an object');
  const variables = { ...(mayThink ? {} : { enable_thinking: false }), ...(hasVariables ? given : {}) };
  return {
    ...(hasDocuments ? { documents: documents as readonly JsonObject[] } : {}),
    ...(hasVariables || !mayThink ? { variables: variables as JsonObject } : {}),
  };
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isJson(value);
}

/** Deeper is no data that a template reads, but an object that holds itself. */
const DEEPEST = 64;

function isJson(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) {
    return value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
  }
  return depth < DEEPEST && Object.values(value).every((item) => isJson(item, depth + 1));
}

function invalid(option: string, what: string): SottoError {
  return new SottoError('invalid-option', `"${option}" must be ${what} that JSON can write.`, { details: { option } });
}
