import type { Embedder } from '../../experts/index.ts';
import { type Passage, verifyClaims } from '../evidence/index.ts';
import { sentencesOf } from '../text/index.ts';
import { type Generate, modelOf, type WritingOptions } from './generate.ts';

const NOT_THERE = 'NOT IN THE SOURCES';

/**
 * An answer that a model writes from numbered passages. Each of its sentences is held against them: what no passage supports is taken
 * out and listed; what stays has its passage as citation, whatever number the model wrote.
 */
export async function answerGrounded(
  question: string,
  passages: readonly Passage[],
  tools: { readonly generate: Generate; readonly embedder: Embedder; readonly signal: AbortSignal },
  options: WritingOptions,
) {
  if (passages.length === 0) return { text: '', score: 0, citations: [], claims: [], unsupported: [], model: 'rules' };
  const sources = passages.map(({ text }, index) => `[${index + 1}] ${text}`).join('\n\n');
  const { text: written, model } = await tools.generate({
    system: `Answer from the sources alone, in at most three sentences. If they do not answer, write "${NOT_THERE}".`,
    prompt: `Sources:\n${sources}\n\nQuestion: ${question}`,
    maxTokens: 200,
    ...modelOf(options),
  });
  const isThere = !written.toUpperCase().includes(NOT_THERE);
  const sentences = isThere
    ? sentencesOf(written.replace(/\s*\[\d{1,3}\]/g, ''))
        .map(({ text }) => text)
        .filter((text) => /\p{L}/u.test(text))
    : [];
  const documents = passages.map(({ text }, index) => ({ id: String(index), title: '', text }));
  const checked = sentences.length === 0 ? [] : await verifyClaims(sentences, documents, tools.embedder, tools.signal);
  const kept = checked.filter(({ verdict }) => verdict === 'supported');
  const citations = kept.flatMap(({ evidence, score }) => {
    const passage = passages[Number(evidence?.document)];
    if (evidence === null || passage === undefined) return [];
    return [{ document: passage.document, title: passage.title, quote: evidence.quote, score }];
  });
  return {
    text: kept.map(({ text }) => text).join(' '),
    score: kept.length === 0 ? 0 : Math.min(...kept.map(({ score }) => score)),
    citations,
    claims: kept.map(({ text }) => text),
    unsupported: checked
      .filter(({ verdict }) => verdict !== 'supported')
      .map(({ text, verdict, reasons }) => ({ text, verdict, reasons })),
    model,
  };
}
