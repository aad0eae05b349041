import type { ExpertKeepRequest, ExpertKept, LabelledRow } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { ExpertStore } from '../../storage/experts/index.ts';
import { openExpert } from './artefact.ts';
import type { Embedder } from './embedder.ts';
import { evaluate } from './predict.ts';

const MOST_REGRESSION_ROWS = 2_000;

/**
 * Keeps a version of an expert, which answers from now on. Rows that were handed in as `regression` stay with it: a later version that gets one of
 * them wrong which the version before got right is refused with `expert-worse`, unless `allowWorse`. Its number is counted on from those that are kept.
 */
export async function keepExpert(
  { expert, regression = [], allowWorse = false }: ExpertKeepRequest,
  store: ExpertStore,
  embedder: () => Promise<Embedder>,
  signal: AbortSignal,
): Promise<ExpertKept> {
  const { artefact } = openExpert(expert);
  if (regression.length > 0 && artefact.task === 'entities')
    throw new SottoError('expert-invalid', 'Rows with labels are for experts that tell texts apart.');
  const strange = regression.find(({ label }) => !artefact.labels.includes(label));
  if (strange !== undefined) throw new SottoError('expert-invalid', `The expert knows no label "${strange.label}".`);
  const kept = await store.regression(artefact.id);
  const rows = [...new Map([...kept, ...regression].map((row) => [row.text, row])).values()];
  if (rows.length > MOST_REGRESSION_ROWS)
    throw new SottoError('expert-invalid', `${rows.length} rows are too many to be held against every version.`);
  const before = await store.current(artefact.id);
  const worse: LabelledRow[] = [];
  if (before !== undefined && rows.length > 0) {
    const wrong = async (value: unknown): Promise<ReadonlySet<string>> => {
      const opened = openExpert(value);
      // A label that this version never learned is one it gets wrong.
      const known = rows.filter(({ label }) => opened.artefact.labels.includes(label));
      const { wrong: mistakes } = await evaluate(opened, known, await embedder(), signal);
      const texts = new Set(mistakes.map(({ text }) => text));
      for (const { text, label } of rows) if (!opened.artefact.labels.includes(label)) texts.add(text);
      return texts;
    };
    const [old, next] = [await wrong(before), await wrong(artefact)];
    worse.push(...rows.filter(({ text }) => next.has(text) && !old.has(text)));
  }
  if (worse.length > 0 && !allowWorse) {
    throw new SottoError(
      'expert-worse',
      `"${artefact.id}" now gets ${worse.length} of ${rows.length} rows wrong that it got right: "${(worse[0]?.text ?? '').slice(0, 80)}" …`,
      { details: { worse: worse.length, rows: rows.length } },
    );
  }
  const last = (await store.versions(artefact.id)).findLast(({ dataHash }) => dataHash !== '');
  const same = last?.version === artefact.version && last.dataHash === artefact.dataHash;
  // A signature holds the number too: a signed expert keeps its own.
  const isTaken = last !== undefined && artefact.version <= last.version && !same;
  const numbered = isTaken && artefact.signature === undefined ? { ...artefact, version: last.version + 1 } : artefact;
  await store.keep(numbered, rows, Date.now());
  return { expert: numbered, regressionRows: rows.length, worse };
}
