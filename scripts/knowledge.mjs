import './lib/node-version.mjs';
import { statSync, writeFileSync } from 'node:fs';
import { openLibrary } from './flow/session.mjs';
import { documentsOfFolder, documentsOfSitemap } from './knowledge/documents.mjs';
import { passagesInPage, vectorsInPage } from './knowledge/in-page.mjs';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { fromCaller } from './lib/from-caller.mjs';
import { sourceModule } from './lib/source-module.mjs';
import { readPrivateKey, signatureOf } from './policy/keys.mjs';

const HELP = `npm run knowledge -- DIR_OR_SITEMAP --out PACK [options]

Makes a knowledge pack of documents (PDF, DOCX, Markdown, HTML, CSV, text): passages and their vectors in one file, which the widget
fetches once and answers from, with citations. Nothing leaves this machine but the requests to the sitemap's own site.

  DIR_OR_SITEMAP   a folder, or the http(s) address of a sitemap.xml
  --out FILE       the pack to write
  --base URL       where the folder's files are read by people: "https://intranet.example/handbook/"
  --name NAME      what the pack is called (the folder's name)
  --version TEXT   which edition it is (today's date)
  --key FILE       private key to sign with, made by "npm run policy -- key FILE"
  --no-vectors     words only: smaller, and questions in other words find less
  --help           this text`;

const ENCODER = 'all-minilm-l6-v2';
/** Passages embedded in one call, so that a large folder shows that it goes on. */
const BATCH = 64;

await runCommand(async () => {
  const { values, positionals } = readArguments({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      base: { type: 'string' },
      name: { type: 'string' },
      version: { type: 'string' },
      key: { type: 'string' },
      'no-vectors': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const [given, ...more] = positionals;
  if (given === undefined || more.length > 0) throw new Failure('Name one folder or sitemap, or see --help.');
  if (values.out === undefined) throw new Failure('--out is missing: the file to write.');
  const key = values.key === undefined ? undefined : readPrivateKey(fromCaller(values.key));
  const documents = await readDocuments(given, values.base);
  if (documents.length === 0) throw new Failure(`${given} holds no document that can be read.`);
  /** @type {typeof import('../src/formats/knowledge-pack/index.ts')} */
  const { writePack } = await sourceModule('src/formats/knowledge-pack/index.ts');
  /** @type {typeof import('../src/policy/index.ts')} */
  const { signedText } = await sourceModule('src/policy/index.ts');

  const session = await openLibrary();
  try {
    /** @type {import('../src/formats/knowledge-pack/index.ts').PackDocument[]} */
    const kept = [];
    /** @type {import('../src/formats/knowledge-pack/index.ts').PackPassage[]} */
    const passages = [];
    for (const { id, fileName, url, bytes } of documents) {
      const document = /** @type {const} */ ([fileName, bytes.toString('base64')]);
      const { chunks = [], problem } = await session.page.evaluate(passagesInPage, document);
      if (chunks.length === 0) {
        console.error(`passed over: ${id}: ${problem ?? 'there is no text in it'}`);
        continue;
      }
      for (const chunk of chunks) passages.push({ document: kept.length, ...chunk });
      kept.push({ id: id.slice(0, 200), title: (chunks[0]?.headings[0] ?? fileName).slice(0, 500), url });
    }
    if (passages.length === 0) throw new Failure('None of the documents has text.');
    const vectors = values['no-vectors'] ? null : await embed(session.page, passages);
    const pack = await writePack(
      {
        name:
          values.name ??
          given
            .replace(/[\\/]+$/, '')
            .split(/[\\/]/)
            .at(-1) ??
          'knowledge',
        version: values.version ?? new Date().toISOString().slice(0, 10),
        documents: kept,
        passages,
        vectors,
      },
      key && ((header) => signatureOf(key, signedText(header))),
    );
    writeFileSync(fromCaller(values.out), pack);
    const signed = key === undefined ? 'not signed' : 'signed';
    console.log(
      `${values.out}: ${kept.length} documents, ${passages.length} passages, ${(pack.length / 1e3).toFixed(1)} kB, ${signed}.`,
    );
  } finally {
    await session.close();
  }
});

/** @param {string} given @param {string | undefined} base */
async function readDocuments(given, base) {
  if (/^https?:\/\//.test(given)) return documentsOfSitemap(given, console.error);
  if (base !== undefined && !/^https?:\/\/.+\/$/.test(base)) {
    throw new Failure(`--base must be the address of a folder with its last slash, not "${base}".`);
  }
  const folder = fromCaller(given);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Failure(`There is no folder "${folder}".`);
  return documentsOfFolder(folder, base);
}

/**
 * @param {import('playwright').Page} page
 * @param {readonly { text: string }[]} passages
 */
async function embed(page, passages) {
  /** @type {Float32Array | undefined} */
  let values;
  let dimensions = 0;
  for (let start = 0; start < passages.length; start += BATCH) {
    const texts = passages.slice(start, start + BATCH).map(({ text }) => text);
    const batch = await page.evaluate(vectorsInPage, texts);
    dimensions = batch.dimensions;
    values ??= new Float32Array(passages.length * dimensions);
    values.set(batch.values, start * dimensions);
    console.error(`read by meaning: ${Math.min(start + BATCH, passages.length)} of ${passages.length} passages`);
  }
  return { model: ENCODER, values: values ?? new Float32Array(0), dimensions };
}
