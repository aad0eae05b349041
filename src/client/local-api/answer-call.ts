import type { LocalApiAsk } from '../../protocol/index.ts';
import { isAbortError, SottoError } from '../../shared/index.ts';
import type { EmbeddingRequest } from '../embedding-types.ts';
import type { ChatCompletionRequest, CompletionRequest } from '../openai-types.ts';
import { apiErrorOf } from './api-error.ts';
import type { CallResponse, LocalApiEngine } from './local-api-engine.ts';

const JSON_TYPE = 'application/json';
const EVENTS = 'text/event-stream; charset=utf-8';

/** Answers one call, whatever happens to it. An abort ends it without a word: nobody listens any longer. */
export async function answerCall(
  engine: LocalApiEngine,
  { path }: LocalApiAsk,
  body: string,
  response: CallResponse,
  signal: AbortSignal,
): Promise<void> {
  let isStreaming = false;
  try {
    const result = await resultOf(engine, path, body, signal);
    if (!isStream(result)) {
      response.head(200, JSON_TYPE);
      response.text(JSON.stringify(result));
      return;
    }
    response.head(200, EVENTS);
    isStreaming = true;
    for await (const chunk of result) response.text(eventOf(chunk));
    response.text('data: [DONE]\n\n');
  } catch (error) {
    if (isAbortError(error)) return;
    const { status, body: errorBody } = apiErrorOf(error);
    // Once a stream has begun its status is told; the API then puts the error into the stream.
    if (isStreaming) response.text(eventOf(errorBody));
    else {
      response.head(status, JSON_TYPE);
      response.text(JSON.stringify(errorBody));
    }
  } finally {
    response.end();
  }
}

const eventOf = (value: object) => `data: ${JSON.stringify(value)}\n\n`;

function isStream(value: object): value is AsyncIterable<object> {
  return Symbol.asyncIterator in value && 'next' in value;
}

async function resultOf(engine: LocalApiEngine, path: string, body: string, signal: AbortSignal): Promise<object> {
  const [, resource = '', id] = /^v1\/(chat\/completions|completions|embeddings|models)(?:\/(.+))?$/.exec(path) ?? [];
  if (resource === 'models') {
    return id === undefined ? engine.models.list() : engine.models.retrieve(decodeURIComponent(id));
  }
  const request = JSON.parse(body) as { readonly model?: unknown };
  const { model } = request;
  if (typeof model !== 'string') {
    throw new SottoError('invalid-option', '"model" must name a model.', { details: { option: 'model' } });
  }
  if (resource === 'chat/completions') {
    await ensureLoaded(engine, model, signal);
    return engine.chat.completions.create(request as ChatCompletionRequest, { signal });
  }
  if (resource === 'completions') {
    await ensureLoaded(engine, model, signal);
    return engine.completions.create(request as CompletionRequest, { signal });
  }
  // An encoder has a thread of its own beside the chat model, and is loaded when it is first asked.
  if (resource === 'embeddings') return engine.embeddings.create(request as EmbeddingRequest, { signal });
  throw new SottoError('unsupported-option', `This build answers no ${resource}.`);
}

/**
 * An engine that stands empty loads what is asked for. One that holds another model does not drop it: somebody else is
 * using it.
 */
async function ensureLoaded({ models }: LocalApiEngine, model: string, signal: AbortSignal): Promise<void> {
  await models.retrieve(model);
  // A flow loads what it needs by itself.
  if (model.startsWith('flow:')) return;
  if (models.loaded === null) await models.load(model, { signal });
}
