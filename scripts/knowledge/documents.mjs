import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { Failure } from '../lib/failure.mjs';

/**
 * What a pack is made from: where people read it, and its bytes.
 * @typedef {{ id: string, fileName: string, url: string | null, bytes: Buffer }} KnowledgeDocument
 */

/** What the library's readers know. */
const READABLE = new Set(['.pdf', '.docx', '.md', '.markdown', '.html', '.htm', '.csv', '.txt']);
const MOST_PAGES = 5_000;

/**
 * All readable files of a folder, in the order of their paths; hidden ones are passed over.
 * @param {string} folder
 * @param {string | undefined} base Address at which the folder is served; undefined: its citations lead nowhere.
 * @returns {KnowledgeDocument[]}
 */
export function documentsOfFolder(folder, base) {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => READABLE.has(extname(path).toLowerCase()) && !path.split(sep).some((part) => part.startsWith('.')),
    )
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
  return paths.map((path) => {
    const id = relative(folder, join(folder, path)).split(sep).join('/');
    const url = base === undefined ? null : new URL(id.split('/').map(encodeURIComponent).join('/'), base).href;
    return { id, fileName: id.slice(id.lastIndexOf('/') + 1), url, bytes: readFileSync(join(folder, path)) };
  });
}

/**
 * The pages a sitemap lists, fetched from where it names them: of its own origin only, because a list can name anything.
 * @param {string} address
 * @param {(text: string) => void} onNews
 * @returns {Promise<KnowledgeDocument[]>}
 */
export async function documentsOfSitemap(address, onNews) {
  const { origin } = new URL(address);
  const listed = [...(await textOf(address)).matchAll(/<loc>\s*([^<\s]+)\s*<\/loc>/g)].map(([, url]) =>
    (url ?? '').replaceAll('&amp;', '&'),
  );
  if (listed.length === 0) throw new Failure(`${address} lists no pages.`);
  if (listed.length > MOST_PAGES)
    throw new Failure(`${address} lists ${listed.length} pages; the limit is ${MOST_PAGES}.`);
  /** @type {KnowledgeDocument[]} */
  const documents = [];
  for (const url of listed) {
    if (!URL.canParse(url) || new URL(url).origin !== origin) {
      onNews(`passed over: ${url} is not on ${origin}`);
      continue;
    }
    const response = await fetch(url, { redirect: 'error' }).catch(() => undefined);
    if (response === undefined || !response.ok) {
      onNews(`passed over: ${url} answered ${response?.status ?? 'nothing'}`);
      continue;
    }
    documents.push({
      id: new URL(url).pathname,
      fileName: nameFor(url, response.headers.get('content-type') ?? ''),
      url,
      bytes: Buffer.from(await response.arrayBuffer()),
    });
  }
  return documents;
}

/** @param {string} address */
async function textOf(address) {
  const response = await fetch(address, { redirect: 'error' }).catch((error) => {
    throw new Failure(`${address} cannot be fetched: ${error instanceof Error ? error.message : error}`);
  });
  if (!response.ok) throw new Failure(`${address} answered ${response.status}.`);
  return response.text();
}

/** A name whose ending says what is in it: pages often have none. @param {string} url @param {string} type */
function nameFor(url, type) {
  const name = new URL(url).pathname.split('/').at(-1) || 'index';
  if (READABLE.has(extname(name).toLowerCase())) return name;
  return `${name}${type.includes('pdf') ? '.pdf' : type.includes('html') ? '.html' : '.txt'}`;
}
