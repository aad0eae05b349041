import { readFileSync, statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import process from 'node:process';
import { readArguments, readNumber } from '../lib/arguments.mjs';
import { Failure } from '../lib/failure.mjs';

/** What `npm run flow -- --help` prints. */
export const HELP = `npm run flow -- NAME --input FILE [options]

Runs a flow of small models on files, in a headless browser, on this machine.

  NAME                a flow of the product (--list shows them), or the path of a flow document (.json)
  --input FILE        a text, .csv or .json file; "-" reads stdin; more than one for flows that read documents
  --text TEXT         the input itself, instead of a file
  --question TEXT     search-report: what is asked of the documents
  --claims FILE       search-report: claims to be verified, one a line
  --rules FILE        compliance: own rules, one a line, or .json
  --catalogue FILE    recommend: own catalogue, .json or .csv with id, name, description, price
  --seed S            same seed, same result
  --each              .jsonl input: one run a line, one result a line
  --list              the flows there are
  --json              the whole result with its trace as one JSON object on stdout, and nothing else
  --help              this text`;

/**
 * @typedef {object} FlowOptions
 * @property {'help' | 'list' | 'run'} mode
 * @property {boolean} wantsJson
 * @property {string} name
 * @property {unknown} [document] A flow from a file.
 * @property {unknown[]} inputs
 * @property {number} [seed]
 */

/** @param {string} path As the person who typed it means it: npm runs scripts in the root of the project. */
const fromCaller = (path) => resolve(process.env['INIT_CWD'] ?? '.', path);

/**
 * Reads the command line and the files it names.
 * @param {readonly string[]} parameters
 * @returns {FlowOptions}
 * @throws {Failure}
 */
export function readOptions(parameters) {
  const { values, positionals } = readArguments({
    args: [...parameters],
    allowPositionals: true,
    options: {
      input: { type: 'string', multiple: true, default: [] },
      text: { type: 'string' },
      question: { type: 'string' },
      claims: { type: 'string' },
      rules: { type: 'string' },
      catalogue: { type: 'string' },
      seed: { type: 'string' },
      each: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const shared = { wantsJson: values.json, name: positionals[0] ?? '', inputs: [] };
  if (values.help) return { ...shared, mode: 'help' };
  if (values.list) return { ...shared, mode: 'list' };
  const [name, ...rest] = positionals;
  if (name === undefined) throw new Failure('Which flow? Write its name after the --, or see --list.');
  if (rest.length > 0) throw new Failure(`Give files with --input: "${rest[0]}" was not understood.`);
  if (values.input.length === 0 && values.text === undefined)
    throw new Failure('What should it read? Give --input FILE or --text TEXT.');
  const document = /\.json$/i.test(name) ? readJson(name, 'flow') : undefined;
  const files = values.input.map((path) => ({
    name: path === '-' ? 'stdin' : basename(path),
    text: readText(path),
    kind: extname(path).toLowerCase(),
  }));
  const given = values.text === undefined ? files : [...files, { name: 'text', text: values.text, kind: '.txt' }];
  const extra = {
    ...(values.question === undefined ? {} : { question: values.question }),
    ...(values.claims === undefined ? {} : { claims: linesOf(values.claims) }),
    ...(values.rules === undefined ? {} : { rules: dataOf(values.rules) }),
    ...(values.catalogue === undefined ? {} : { catalogue: catalogueOf(values.catalogue) }),
  };
  const seed =
    values.seed === undefined ? {} : { seed: readNumber('--seed', values.seed, { minimum: 0, maximum: 2 ** 32 - 1 }) };
  const lines = values.each ? given.flatMap(({ text, name: file }) => jsonLines(text, file)) : undefined;
  const inputs = lines ?? [inputOf(name, given, extra)];
  return { ...shared, mode: 'run', name, inputs, ...(document === undefined ? {} : { document }), ...seed };
}

/**
 * What a flow gets: a text, or a record of what was named.
 * @param {string} name
 * @param {{ name: string, text: string, kind: string }[]} given
 * @param {Record<string, unknown>} extra
 */
export function inputOf(name, given, extra) {
  const [first] = given;
  const data =
    first !== undefined && given.length === 1 && first.kind === '.json' ? parseJson(first.text, first.name) : undefined;
  if (name === 'search-report') {
    const own =
      typeof data === 'object' && data !== null && 'documents' in data ? /** @type {object} */ (data) : undefined;
    const documents = Array.isArray(data)
      ? data
      : given.map((file) => ({ id: file.name, title: file.name, text: file.text }));
    const input = { ...(own ?? { documents }), ...extra };
    if (!('question' in input))
      throw new Failure('search-report needs --question TEXT (or "question" in its .json input).');
    return input;
  }
  if (name === 'compliance' || name === 'recommend') {
    const key = name === 'compliance' ? 'text' : 'wish';
    const text =
      typeof data === 'object' && data !== null && key in data
        ? data
        : { [key]: typeof data === 'string' ? data : allText(given) };
    return { .../** @type {object} */ (text), ...extra };
  }
  if (data === undefined) return allText(given);
  const isText =
    typeof data === 'object' &&
    data !== null &&
    !Array.isArray(data) &&
    'text' in data &&
    Object.keys(data).length <= 3;
  return isText ? /** @type {{ text: unknown }} */ (data).text : data;
}

/** @param {{ text: string }[]} given */
const allText = (given) => given.map(({ text }) => text).join('\n\n');

/** @param {string} path */
function readText(path) {
  if (path === '-') return decode(readFileSync(0), 'stdin');
  const file = fromCaller(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Failure(`There is no file "${file}".`);
  return decode(readFileSync(file), path);
}

/**
 * UTF-8; else UTF-16 by its mark, else the old western code page. Binary files are refused.
 * @param {Buffer} bytes
 * @param {string} name
 */
export function decode(bytes, name) {
  if (bytes.length === 0) throw new Failure(`"${name}" is empty.`);
  if (/^(?:%PDF-|PK)/.test(bytes.subarray(0, 8).toString('latin1'))) {
    throw new Failure(`"${name}" is no text file. Save its text first: flows read text, .csv and .json.`);
  }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.subarray(0, 8192).includes(0))
    throw new Failure(`"${name}" is a binary file; flows read text, .csv and .json.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** @param {string} text @param {string} name */
function parseJson(text, name) {
  try {
    return /** @type {unknown} */ (JSON.parse(text));
  } catch (error) {
    throw new Failure(`"${name}" is no JSON.`, { cause: error });
  }
}

/** @param {string} path @param {string} what */
function readJson(path, what) {
  const file = fromCaller(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Failure(`There is no ${what} file "${file}".`);
  return parseJson(readFileSync(file, 'utf8'), path);
}

/** @param {string} path */
const linesOf = (path) =>
  readText(path)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** @param {string} path */
const dataOf = (path) => (/\.json$/i.test(path) ? readJson(path, 'rules') : linesOf(path));

/** @param {string} path */
function catalogueOf(path) {
  if (/\.json$/i.test(path)) return readJson(path, 'catalogue');
  const [head = '', ...lines] = readText(path).split(/\r?\n/).filter(Boolean);
  const separator = head.includes(';') ? ';' : head.includes('\t') ? '\t' : ',';
  const columns = head.split(separator).map((cell) => cell.trim().toLowerCase());
  return lines.map((line) => {
    const cells = line.match(separator === ',' ? /(?:"(?:[^"]|"")*"|[^,])+|(?<=,)(?=,|$)/g : /[^;\t]+/g) ?? [];
    const row = Object.fromEntries(
      columns.map((column, index) => [column, (cells[index] ?? '').trim().replace(/^"|"$/g, '').replaceAll('""', '"')]),
    );
    return { ...row, ...(row['price'] === undefined ? {} : { price: Number(row['price'].replace(/[^\d.]/g, '')) }) };
  });
}

/** @param {string} text @param {string} name */
function jsonLines(text, name) {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => parseJson(line, `${name}, line ${index + 1}`));
}
