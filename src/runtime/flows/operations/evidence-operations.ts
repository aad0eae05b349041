import { SottoError } from '../../../shared/index.ts';
import { explainLabel, findNames, predict } from '../../experts/index.ts';
import {
  answerFrom,
  checkRules,
  type Passage,
  recommendItems,
  screen,
  searchPassages,
  toDocuments,
  toRules,
  verifyClaims,
  type WarningSign,
  warningSigns,
} from '../../tasks/evidence/index.ts';
import type { CatalogueItem } from '../../tasks/evidence/recommend.ts';
import { answerGrounded } from '../../tasks/generate/index.ts';
import { readable, sentencesOf } from '../../tasks/text/index.ts';
import type { Operations } from '../operation.ts';
import { GOOD_ENOUGH, listOf, needs, numberIn, oneOf, recordOf, textOf, writingOptions } from './settings.ts';

/** The documents of an input. Throws `task-input` where something was given and none of it can be read as a document. */
function documentsIn(value: unknown) {
  const sources = toDocuments(value);
  const isNothing = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  if (sources.length === 0 && !isNothing)
    throw new SottoError('task-input', '"documents" must be texts, or records with a "text": none of these holds any.');
  return sources;
}

/** What needs sentence vectors: experts, search, answers, checks. */
export const EVIDENCE_OPERATIONS: Operations = {
  'expert.classify': {
    embeds: 'text',
    arguments: { text: { type: 'text' } },
    result: {
      label: 'text',
      score: 'number',
      scores: 'record[]',
      isKnown: 'boolean',
      evidence: 'record[]',
      text: 'text',
      model: 'text',
    },
    check: needs('expert', 'string'),
    run: async ({ text }, { expert, unknown, explain }, { expert: open, embedder, signal }) => {
      const asked = textOf(text, 'text');
      const [prediction] = await predict(open(String(expert)), [readable(asked).text], await embedder(), signal);
      const label = prediction?.label ?? null;
      // A flow may say what "unknown" is to it; otherwise the best guess stands, marked as one.
      const named = label ?? (typeof unknown === 'string' ? unknown : prediction?.scores[0]?.label);
      const reasons =
        explain === true ? { evidence: await explainLabel(open(String(expert)), asked, await embedder(), signal) } : {};
      return { ...prediction, label: named, isKnown: label !== null, text: asked, ...reasons };
    },
  },
  'expert.entities': {
    arguments: { text: { type: 'text' } },
    result: { entities: 'record[]', byKind: 'record', model: 'text' },
    check: needs('expert', 'string'),
    run: async ({ text }, { expert }, { expert: open, embedder, signal }) => {
      const own = open(String(expert));
      const [entities = []] = await findNames(own, [textOf(text, 'text')], await embedder(), signal);
      const byKind: Record<string, string[]> = {};
      for (const { label, text: name } of entities) byKind[label] = [...new Set([...(byKind[label] ?? []), name])];
      return { entities, byKind, model: `${own.artefact.id}@${own.artefact.version}` };
    },
  },
  'task.search': {
    arguments: { query: { type: 'text' }, documents: { type: 'any' } },
    result: { passages: 'record[]', score: 'number', best: 'text', title: 'text', document: 'text', model: 'text' },
    run: async ({ query, documents }, settings, { embedder, signal }) => {
      const model = await embedder();
      const sources = documentsIn(documents ?? settings['documents']);
      const passages = await searchPassages(
        textOf(query, 'query'),
        sources,
        model,
        numberIn(settings, 'most', 5),
        signal,
      );
      const best = passages[0];
      return {
        passages,
        score: best?.score ?? 0,
        best: best?.text ?? '',
        title: best?.title ?? '',
        document: best?.document ?? '',
        model: model.modelId,
      };
    },
  },
  'task.answer': {
    arguments: { question: { type: 'text' }, passages: { type: 'any' } },
    result: {
      text: 'text',
      score: 'number',
      citations: 'record[]',
      claims: 'text[]',
      unsupported: 'record[]',
      model: 'text',
    },
    check: oneOf('by', ['sentences', 'model']),
    run: async ({ question, passages }, settings, { embedder, signal, generate, seed }) => {
      const model = await embedder();
      const given = listOf(passages).filter((item): item is Passage => typeof (item as Passage)?.text === 'string');
      if (settings['by'] === 'model') {
        return answerGrounded(
          textOf(question, 'question'),
          given,
          { generate, embedder: model, signal },
          writingOptions(settings, seed, GOOD_ENOUGH.answer),
        );
      }
      const answer = await answerFrom(
        textOf(question, 'question'),
        given,
        model,
        numberIn(settings, 'sentences', 2),
        signal,
      );
      return { ...answer, claims: answer.citations.map(({ quote }) => quote), model: model.modelId };
    },
  },
  'task.verify': {
    arguments: { claims: { type: 'any' }, documents: { type: 'any' } },
    result: { claims: 'record[]', supported: 'number', total: 'number', isSupported: 'boolean', model: 'text' },
    run: async ({ claims, documents }, _, { embedder, signal }) => {
      const model = await embedder();
      const asked = listOf(claims).flatMap((claim) =>
        typeof claim === 'string' ? sentencesOf(claim).map(({ text }) => text) : [],
      );
      const checked = asked.length === 0 ? [] : await verifyClaims(asked, documentsIn(documents), model, signal);
      const supported = checked.filter(({ verdict }) => verdict === 'supported').length;
      return {
        claims: checked,
        supported,
        total: checked.length,
        // Of nothing said nothing is supported.
        isSupported: supported > 0 && supported === checked.length,
        model: model.modelId,
      };
    },
  },
  'task.rules': {
    arguments: { text: { type: 'text' }, rules: { type: 'any', isOptional: true } },
    result: { verdicts: 'record[]', broken: 'record[]', isCompliant: 'boolean', model: 'text' },
    run: async ({ text, rules }, settings, { embedder, signal }) => {
      const model = await embedder();
      const own = toRules(rules);
      const verdicts = await checkRules(
        textOf(text, 'text'),
        own.length > 0 ? own : toRules(settings['rules']),
        model,
        signal,
      );
      const broken = verdicts.filter(({ isMet }) => !isMet);
      return { verdicts, broken, isCompliant: broken.length === 0, model: model.modelId };
    },
  },
  'task.recommend': {
    arguments: { wish: { type: 'text' }, items: { type: 'any', isOptional: true } },
    result: { items: 'record[]', best: 'text', score: 'number', model: 'text' },
    run: async ({ wish, items }, settings, { embedder, signal }) => {
      const model = await embedder();
      const catalogue = listOf(items ?? settings['items']).filter(
        (item): item is CatalogueItem => typeof recordOf(item)['name'] === 'string',
      );
      const named = catalogue.map((item) => ({ ...item, id: String(item.id ?? item.name) }));
      const found = await recommendItems(textOf(wish, 'wish'), named, model, numberIn(settings, 'most', 3), signal);
      return { items: found, best: found[0]?.id ?? '', score: found[0]?.score ?? 0, model: model.modelId };
    },
  },
  'rule.screen': {
    arguments: { judged: { type: 'record' }, signs: { type: 'record[]' } },
    result: { label: 'text', score: 'number', reasons: 'text[]', model: 'text' },
    run: async ({ judged, signs }) => ({ ...screen(recordOf(judged), listOf(signs) as readonly WarningSign[]) }),
  },
  'rule.signs': {
    arguments: { text: { type: 'text' } },
    result: { signs: 'record[]', score: 'number', model: 'text' },
    run: async ({ text }) => {
      const signs = warningSigns(textOf(text, 'text'));
      return { signs, score: 1 - signs.reduce((rest, { weight }) => rest * (1 - weight), 1), model: 'rules' };
    },
  },
};
