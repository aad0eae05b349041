/** How long a question takes over many passages: `node scripts/bench-retrieval.mjs [passages]`. Prints milliseconds. */
import { createServer } from 'vite';

const count = Number(process.argv[2] ?? 10_000);
const DIMENSIONS = 384;
const ROUNDS = 50;

const server = await createServer({
  configFile: false,
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true },
  logLevel: 'error',
});
try {
  const { RetrievalIndex } = await server.ssrLoadModule('/src/runtime/retrieval/retrieval-index.ts');
  const { PASSAGES, QUESTIONS } = await server.ssrLoadModule('/src/runtime/retrieval/testing/labelled-set.ts');
  // Some words are common and most are rare, as in texts (Zipf): the set's own first, then made-up ones.
  const words = PASSAGES.join(' ').split(/\s+/);
  const pick = () => {
    const rank = Math.floor(60_000 ** Math.random());
    return words[rank * 7] ?? `word${rank}`;
  };
  const chunks = Array.from({ length: count }, (_, index) => ({
    index,
    text: Array.from({ length: 120 }, pick).join(' '),
    page: null,
    headings: [],
  }));
  const unit = () => {
    const values = Float32Array.from({ length: DIMENSIONS }, () => Math.random() - 0.5);
    const length = Math.hypot(...values);
    return values.map((value) => value / length);
  };
  const values = new Float32Array(count * DIMENSIONS);
  for (let index = 0; index < count; index++) values.set(unit(), index * DIMENSIONS);
  const index = new RetrievalIndex();
  const begin = performance.now();
  index.put({ id: 'd', name: 'Many', chunks, vectors: { values, dimensions: DIMENSIONS } });
  const putMs = performance.now() - begin;
  const times = Array.from({ length: ROUNDS }, (_, round) => {
    const query = QUESTIONS[round % QUESTIONS.length]?.question;
    const vector = unit();
    const start = performance.now();
    index.search({ query, vector, documentIds: ['d'], limit: 4 });
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => times[Math.floor(times.length * share)]?.toFixed(1);
  console.log(
    `${count} passages: put ${Math.round(putMs)} ms; a question takes ${at(0.5)} ms (median), ${at(0.95)} ms (95 %)`,
  );
} finally {
  await server.close();
}
