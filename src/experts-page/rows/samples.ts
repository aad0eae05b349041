export type SampleId = 'messages' | 'raw-messages' | 'moods' | 'names';

/** Of the sample that is hardly labelled, one row in so many is. */
const LABELLED_EVERY = 8;

/** Rows of the product: what its own experts learned from, and some texts with names. They come when one is asked for. */
export async function loadSample(id: SampleId): Promise<string> {
  if (id === 'names') return (await import('./sample-names.ts')).SAMPLE_NAMES;
  const rows =
    id === 'moods'
      ? (await import('../../../flows/experts/sentiment.tsv?raw')).default
      : (await import('../../../flows/experts/intent.tsv?raw')).default;
  const lines = rows.trim().split('\n');
  const isLabelled = (index: number) => id !== 'raw-messages' || index % LABELLED_EVERY === 0;
  const shown = lines.map((line, index) => (isLabelled(index) ? line : line.slice(line.indexOf('\t'))));
  return ['label\ttext', ...shown].join('\n');
}
