import type { Embedded, TextGenerationRequest, TextGenerationResult } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { ReadyModel } from '../model-load.ts';
import { CHOICE_LOGPROBS, choiceConfidence } from './choice-confidence.ts';
import type { TaskHelpers } from './task-helpers.ts';

/** The encoder of the catalogue that sentence vectors come from: on our own engine, in a thread of its own. */
const EMBEDDING_MODEL = 'all-minilm-l6-v2';

/** Experts are tied to the very file that their vectors came from. */
let hash: Promise<string> | undefined;

export async function embedTexts(
  { embeddings, models }: TaskHelpers,
  texts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Embedded> {
  const modelHash = await hashOf(models);
  const result = await embeddings.vectors(texts, { model: EMBEDDING_MODEL, truncate: 'end', signal });
  return { ...result, modelId: EMBEDDING_MODEL, modelHash };
}

export async function embedWords(
  { embeddings, models }: TaskHelpers,
  words: readonly (readonly string[])[],
  signal: AbortSignal | undefined,
): Promise<Embedded> {
  const modelHash = await hashOf(models);
  const result = await embeddings.wordVectors(words, { model: EMBEDDING_MODEL, signal });
  return { ...result, modelId: EMBEDDING_MODEL, modelHash };
}

function hashOf(models: TaskHelpers['models']): Promise<string> {
  hash ??= models.manifest(EMBEDDING_MODEL).then(({ file }) => file.sha256);
  hash.catch(() => {
    hash = undefined;
  });
  return hash;
}

/** Writes with the loaded model; where it is too small for the job, with the smallest that is stored here and large enough. */
export async function generateText(
  helpers: TaskHelpers,
  request: TextGenerationRequest,
  signal: AbortSignal | undefined,
): Promise<TextGenerationResult> {
  const model = await modelFor(helpers, request, signal);
  const { schema, choices, stop } = request;
  const sampling = {
    model: model.id,
    temperature: request.temperature ?? 0,
    seed: request.seed,
    max_tokens: request.maxTokens,
    ...(stop === undefined ? {} : { stop }),
  };
  if (request.continues === true) {
    const { choices: written, usage } = await helpers.completions.create(
      { ...sampling, prompt: request.prompt },
      { signal },
    );
    const [first] = written;
    return {
      text: first?.text ?? '',
      tokens: usage?.completion_tokens ?? 0,
      model: model.id,
      isCut: first?.finish_reason === 'length',
    };
  }
  const format =
    choices !== undefined
      ? ({ type: 'choice', choices } as const)
      : schema !== undefined
        ? ({ type: 'json_schema', json_schema: { name: 'result', schema } } as const)
        : undefined;
  const isWeighed = choices !== undefined && request.isWeighed === true;
  const completion = await helpers.chat.completions.create(
    {
      ...sampling,
      ...(isWeighed ? { logprobs: true, top_logprobs: CHOICE_LOGPROBS } : {}),
      messages: [
        ...(request.system === undefined ? [] : [{ role: 'system' as const, content: request.system }]),
        { role: 'user' as const, content: request.prompt },
      ],
      ...(format === undefined ? {} : { response_format: format }),
    },
    { signal },
  );
  const [choice] = completion.choices;
  return {
    text: choice?.message.content ?? '',
    tokens: completion.usage.completion_tokens,
    model: model.id,
    isCut: choice?.finish_reason === 'length',
    ...(isWeighed && choice !== undefined
      ? { confidence: choiceConfidence(choices, choice.message.content ?? '', choice.logprobs) }
      : {}),
  };
}

/** Rejects with `task-unavailable`, naming what would do, where no model here is good enough. */
async function modelFor(
  { models }: TaskHelpers,
  { leastParameters = 0, modelId }: TextGenerationRequest,
  signal: AbortSignal | undefined,
): Promise<ReadyModel> {
  const { loaded } = models;
  const suits = (id: string, parameters: number) =>
    modelId === undefined ? parameters >= leastParameters : id === modelId;
  if (loaded !== null && suits(loaded.id, loaded.parameters)) return loaded;
  const catalogue = await models.catalogue();
  const others = new Set(catalogue.filter(({ kind = 'chat' }) => kind !== 'chat').map(({ id }) => id));
  const stored = (await models.stored()).filter(({ complete }) => complete).map(({ id }) => id);
  // Models of the site, and those that were imported.
  const ids = [...new Set([...catalogue.map(({ id }) => id), ...stored])].filter((id) => !others.has(id));
  const manifests = await Promise.all(ids.map((id) => models.manifest(id).catch(() => undefined)));
  const fitting = manifests
    .flatMap((manifest) => (manifest !== undefined && suits(manifest.id, manifest.parameters) ? [manifest] : []))
    .sort((a, b) => a.parameters - b.parameters);
  // What is here already is taken first; what is not is only fetched where nothing was asked of it but to be there.
  const best = fitting.find(({ id }) => stored.includes(id)) ?? (leastParameters === 0 ? fitting[0] : undefined);
  if (best !== undefined) return models.load(best.id, { signal });
  const there = loaded === null ? 'No language model is loaded' : `"${loaded.name}" is not the one`;
  const wanted =
    modelId === undefined
      ? `one of ${Math.round(leastParameters / 1e6)} million parameters or more`
      : `the model "${modelId}"`;
  const known = (await models.known().catch(() => [])).flatMap(({ id, source }) =>
    source !== undefined && suits(id, source.parameters) ? [id] : [],
  );
  const would = [...fitting.map(({ id }) => id), ...known].slice(0, 4).join(', ');
  throw new SottoError(
    'task-unavailable',
    `${there}; this wants ${wanted}, and none is stored here.${would === '' ? '' : ` These of the catalogue would do: ${would}.`}`,
  );
}
