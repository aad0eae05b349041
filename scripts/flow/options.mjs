import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { readArguments, readNumber } from '../lib/arguments.mjs';
import { Failure } from '../lib/failure.mjs';
import { fromCaller } from '../lib/from-caller.mjs';

/** What `npm run flow -- --help` prints. */
export const HELP = `npm run flow -- NAME --input FILE [options]

Runs a flow of small models on files, in a headless browser, on this machine.

  NAME                a flow of the product (--list shows them), or the path of a flow document (.json)
  --input PATH        .txt, .md, .html, .pdf, .docx, .csv, .json, .jsonl, or a folder of them; "-" reads stdin. More than one may be
                      given: each is a run of its own, but for search-report, which reads them all. A .jsonl is one run a line, a .csv
                      with a column "text" (message, body …) one run a row
  --text TEXT         the input itself, instead of a file
  --question TEXT     search-report: what is asked of the documents
  --claims FILE       search-report: claims to be verified, one a line
  --rules FILE        compliance: own rules, one a line, or .json
  --catalogue FILE    recommend: own catalogue, .json or .csv with id, name, description, price
  --seed S            same seed, same result
  --each              any input: one run a line
  --list              the flows there are
  --json              the whole result with its trace as one JSON object a run on stdout, and nothing else
  --help              this text`;

/**
 * @typedef {object} FlowOptions
 * @property {'help' | 'list' | 'run'} mode
 * @property {boolean} wantsJson
 * @property {string} name
 * @property {unknown} [document] A flow from a file.
 * @property {FlowInput[]} inputs
 * @property {Record<string, unknown>} [extra] What goes with every input.
 * @property {number} [seed]
 */

/**
 * One run: what the flow gets, or why there is nothing to give it.
 * @typedef {object} FlowInput
 * @property {string} source The file, and its line or row where it has several.
 * @property {unknown} [value]
 * @property {{ name: string, bytes: Buffer }[]} [documents] Files whose text the page reads (PDF, DOCX, HTML).
 * @property {string} [table] The text of a table: one run a row where it has a column of texts.
 * @property {string} [problem] The input cannot be used; the others are run all the same.
 */

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
  const files = values.input.flatMap(listFiles).map(readInput);
  if (values.text !== undefined) files.push({ name: 'text', kind: '.txt', text: values.text });
  const extra = {
    ...(values.question === undefined ? {} : { question: values.question }),
    ...(values.claims === undefined ? {} : { claims: linesOf(values.claims) }),
    ...(values.rules === undefined ? {} : { rules: dataOf(values.rules) }),
    ...(values.catalogue === undefined ? {} : { catalogue: catalogueOf(values.catalogue) }),
  };
  const seed =
    values.seed === undefined ? {} : { seed: readNumber('--seed', values.seed, { minimum: 0, maximum: 2 ** 32 - 1 }) };
  const inputs = inputsOf(name, files, extra, values.each);
  return { ...shared, mode: 'run', name, inputs, extra, ...(document === undefined ? {} : { document }), ...seed };
}

/**
 * What a flow gets: a text, or a record of what was named.
 * @param {string} name
 * @param {InputFile[]} given
 * @param {Record<string, unknown>} extra
 */
export function inputOf(name, given, extra) {
  const [first] = given;
  const data =
    first !== undefined && given.length === 1 && first.kind === '.json'
      ? parseJson(first.text ?? '', first.name)
      : undefined;
  if (name === 'search-report') {
    const own =
      typeof data === 'object' && data !== null && 'documents' in data ? /** @type {object} */ (data) : undefined;
    const documents = Array.isArray(data)
      ? data
      : given.map((file) => ({ id: file.name, title: file.name, text: file.text ?? PLACEHOLDER }));
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

/** @param {InputFile[]} given */
const allText = (given) => given.map(({ text = PLACEHOLDER }) => text).join('\n\n');

/**
 * The runs that files make.
 * @param {string} name
 * @param {InputFile[]} files
 * @param {Record<string, unknown>} extra
 * @param {boolean} isEach
 * @returns {FlowInput[]}
 */
export function inputsOf(name, files, extra, isEach) {
  const problems = files.flatMap(({ name: source, problem }) => (problem === undefined ? [] : [{ source, problem }]));
  const good = files.filter(({ problem }) => problem === undefined);
  if (good.length === 0 && problems.length > 0) return problems;
  if (name === 'search-report' && good.length > 0) {
    const source = good.map((file) => file.name).join(', ');
    const documents = good.flatMap(({ name: file, bytes }) => (bytes === undefined ? [] : [{ name: file, bytes }]));
    return [
      ...problems,
      { source, value: inputOf(name, good, extra), ...(documents.length === 0 ? {} : { documents }) },
    ];
  }
  const runs = good.flatMap((file) => {
    const { name: source, kind, text = '', bytes } = file;
    if (bytes !== undefined) {
      return [
        { source, value: inputOf(name, [{ ...file, text: PLACEHOLDER }], extra), documents: [{ name: source, bytes }] },
      ];
    }
    // What customers say is read as a whole, whatever it is written in.
    const isWhole = name === 'reviews' && !isEach;
    if (kind === '.jsonl' || (isEach && kind !== '.csv')) {
      const rows = textRows(text, source, kind === '.jsonl');
      if (!isWhole) return rows.map((row) => runOf(name, row, extra));
      const value = rows.flatMap((row) => (row.problem === undefined ? [row.value] : []));
      return [...rows.filter((row) => row.problem !== undefined), { source, value }];
    }
    // Tables are cut by the product's own reader, in the page.
    if ((kind === '.csv' || kind === '.tsv') && !isWhole) return [{ source, table: text }];
    try {
      return [{ source, value: inputOf(name, [file], extra) }];
    } catch (error) {
      if (!(error instanceof Failure) || files.length === 1) throw error;
      return [{ source, problem: error.message }];
    }
  });
  return [...problems, ...runs];
}

/** Stands for the text that the page will read out of a document. */
export const PLACEHOLDER = '\u0000document';

/** @param {string} name @param {FlowInput} row @param {Record<string, unknown>} extra @returns {FlowInput} */
export function runOf(name, { source, value, problem }, extra) {
  if (problem !== undefined) return { source, problem };
  const isText = typeof value === 'string';
  const file = { name: source, kind: isText ? '.txt' : '.json', text: isText ? value : JSON.stringify(value) };
  return { source, value: inputOf(name, [file], extra) };
}

/** @param {string} text @param {string} source @param {boolean} isJson @returns {FlowInput[]} */
function textRows(text, source, isJson) {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), at: `${source}, line ${index + 1}` }))
    .filter(({ line }) => line !== '')
    .map(({ line, at }) => {
      if (!isJson && !/^[[{"]/.test(line)) return { source: at, value: line };
      try {
        return { source: at, value: /** @type {unknown} */ (JSON.parse(line)) };
      } catch {
        return isJson ? { source: at, problem: `${at} is no JSON.` } : { source: at, value: line };
      }
    });
}

/**
 * A file as it was found: its text, its bytes where the page must read them, or what is wrong with it.
 * @typedef {{ name: string, kind: string, text?: string, bytes?: Buffer, problem?: string }} InputFile
 */

/** Files that hold more than text. */
const DOCUMENTS = new Set(['.pdf', '.docx', '.html', '.htm']);
const READABLE = new Set([...DOCUMENTS, '.txt', '.md', '.csv', '.tsv', '.json', '.jsonl', '.eml', '.log']);

/** A path itself, or the readable files of a folder in order. @param {string} path @returns {string[]} */
function listFiles(path) {
  if (path === '-') return [path];
  const file = fromCaller(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const names = readdirSync(file)
    .sort()
    .filter((entry) => READABLE.has(extname(entry).toLowerCase()));
  if (names.length === 0) throw new Failure(`The folder "${path}" holds no file that flows read.`);
  return names.map((entry) => join(path, entry));
}

/** @param {string} path @param {number} _ @param {string[]} all @returns {InputFile} */
function readInput(path, _, all) {
  const name = path === '-' ? 'stdin' : basename(path);
  const kind = extname(path).toLowerCase();
  try {
    if (path !== '-' && DOCUMENTS.has(kind)) return { name, kind, bytes: readBytes(path) };
    return { name, kind, text: readText(path) };
  } catch (error) {
    // One bad file among many is named, and the others are run.
    if (!(error instanceof Failure) || all.length === 1) throw error;
    return { name, kind, problem: error.message };
  }
}

/** @param {string} path */
function readBytes(path) {
  const file = fromCaller(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Failure(`There is no file "${file}".`);
  const bytes = readFileSync(file);
  if (bytes.length === 0) throw new Failure(`"${path}" is empty.`);
  return bytes;
}

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
    throw new Failure(`"${name}" is no text file; a PDF or Word document must end in .pdf or .docx.`);
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
