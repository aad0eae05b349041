import { type EntityKind, findEntities, redact } from '../../tasks/entities/index.ts';
import { chunksOf, cosine, detectLanguage, keyphrasesOf, paragraphsOf, sentencesOf } from '../../tasks/text/index.ts';
import type { Operations } from '../operation.ts';
import { listOf, needs, numberIn, textOf, textsOf } from './settings.ts';

const RULES = 'rules';

/** What can be done with a text alone. */
export const TEXT_OPERATIONS: Operations = {
  'task.language': {
    arguments: { text: { type: 'text' } },
    result: { language: 'text', score: 'number', model: 'text' },
    run: async ({ text }) => ({ ...detectLanguage(textOf(text, 'text')), model: RULES }),
  },
  'task.split': {
    arguments: { text: { type: 'text' } },
    result: { items: 'text[]', spans: 'record[]' },
    check: ({ by }) =>
      ['sentences', 'paragraphs', 'chunks', 'lines'].includes(String(by))
        ? undefined
        : '"by" must be sentences, paragraphs, chunks or lines.',
    run: async ({ text }, { by, limit }) => {
      const whole = textOf(text, 'text');
      const spans =
        by === 'sentences'
          ? sentencesOf(whole)
          : by === 'paragraphs'
            ? paragraphsOf(whole)
            : by === 'chunks'
              ? chunksOf(whole, typeof limit === 'number' ? limit : 700)
              : [...whole.matchAll(/^.*\S.*$/gm)].map((match) => ({
                  text: match[0].trim(),
                  start: match.index,
                  end: match.index + match[0].length,
                }));
      return { items: spans.map((span) => span.text), spans };
    },
  },
  'task.entities': {
    arguments: { text: { type: 'text' } },
    result: { entities: 'record[]', byKind: 'record', model: 'text' },
    run: async ({ text }, { kinds, products }) => {
      const names = listOf(products).flatMap((item) =>
        typeof item === 'string'
          ? [item]
          : typeof (item as { name?: unknown })?.name === 'string'
            ? [(item as { name: string }).name]
            : [],
      );
      const wanted = listOf(kinds);
      const entities = findEntities(textOf(text, 'text'), names).filter(
        ({ kind }) => wanted.length === 0 || wanted.includes(kind),
      );
      const byKind: Record<string, string[]> = {};
      for (const { kind, value } of entities) byKind[kind] = [...new Set([...(byKind[kind] ?? []), value])];
      return { entities, byKind, model: RULES };
    },
  },
  'task.redact': {
    arguments: { text: { type: 'text' } },
    result: { text: 'text', found: 'record[]', count: 'number', model: 'text' },
    run: async ({ text }, { kinds, originals }) => {
      const { text: clean, found } = redact(
        textOf(text, 'text'),
        ...(Array.isArray(kinds) ? [kinds as EntityKind[]] : []),
      );
      // A result that holds what was taken out is no redaction: it is given to those alone who ask for it.
      const shown =
        originals === true
          ? found
          : found.map(({ kind, start, end, score, placeholder }) => ({ kind, start, end, score, placeholder }));
      return { text: clean, found: shown, count: found.length, model: RULES };
    },
  },
  'task.keyphrases': {
    arguments: { text: { type: 'text' } },
    result: { phrases: 'record[]', model: 'text' },
    run: async ({ text }, settings) => ({
      phrases: keyphrasesOf(textOf(text, 'text'), numberIn(settings, 'most', 8)),
      model: RULES,
    }),
  },
  'task.similarity': {
    arguments: { a: { type: 'text' }, b: { type: 'text' } },
    result: { score: 'number', model: 'text' },
    run: async ({ a, b }, _, { embedder, signal }) => {
      const model = await embedder();
      const [one, other] = await model.embed([textOf(a, 'a'), textOf(b, 'b')], signal);
      return { score: one === undefined || other === undefined ? 0 : cosine(one, other), model: model.modelId };
    },
  },
  'task.zero-shot': {
    embeds: 'text',
    arguments: { text: { type: 'text' } },
    result: { label: 'text', score: 'number', scores: 'record[]', model: 'text' },
    check: needs('labels', 'array'),
    run: async ({ text }, { labels, template }, { embedder, signal }) => {
      const model = await embedder();
      const names = textsOf(labels, 'labels');
      const frame = typeof template === 'string' ? template : 'This text is about {}.';
      const [vector, ...vectors] = await model.embed(
        [textOf(text, 'text'), ...names.map((name) => frame.replace('{}', name))],
        signal,
      );
      const raw = vectors.map((other) => (vector === undefined ? 0 : Math.exp(cosine(vector, other) * 12)));
      const sum = raw.reduce((total, value) => total + value, 0);
      const scores = names
        .map((label, index) => ({ label, score: (raw[index] ?? 0) / sum }))
        .sort((x, y) => y.score - x.score);
      return { label: scores[0]?.label ?? '', score: scores[0]?.score ?? 0, scores, model: model.modelId };
    },
  },
  'task.cluster': {
    arguments: { texts: { type: 'text[]' } },
    result: { clusters: 'record[]', model: 'text' },
    run: async ({ texts }, settings, { embedder, signal }) => {
      const model = await embedder();
      const list = textsOf(texts, 'texts');
      const vectors = await model.embed(list, signal);
      const near = numberIn(settings, 'similarity', 0.5);
      // Each text joins the group whose first text it is nearest to, or begins one: same texts, same groups.
      const groups: { vector: Float32Array; members: number[] }[] = [];
      for (const [index, vector] of vectors.entries()) {
        const best = groups
          .map((group) => ({ group, score: cosine(group.vector, vector) }))
          .sort((x, y) => y.score - x.score)[0];
        if (best !== undefined && best.score >= near) best.group.members.push(index);
        else groups.push({ vector, members: [index] });
      }
      const clusters = groups
        .sort((x, y) => y.members.length - x.members.length)
        .map(({ members }) => {
          const own = members.map((member) => list[member] ?? '');
          return {
            label: keyphrasesOf(own.join('. '), 1)[0]?.text ?? own[0]?.slice(0, 40),
            size: members.length,
            texts: own,
          };
        });
      return { clusters, model: model.modelId };
    },
  },
};
