import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readArguments, readNumber } from '../lib/arguments.mjs';
import { Failure } from '../lib/failure.mjs';
import { fromCaller } from '../lib/from-caller.mjs';

/** What `npm run ask -- --help` prints. */
export const HELP = `npm run ask -- [options] "What does HTTP stand for?"

Asks a model in a headless browser and streams the answer to the terminal.

  --model ID_OR_PATH    a model of the catalogue, any .gguf file (of a split one any part), or a folder with config.json,
                        tokenizer.json and .safetensors or .onnx files (smollm2-135m-instruct)
  --adapter FILE        a LoRA adapter (.gguf) for that model; FILE:SCALE for another strength than 1
  --chat-template NAME  instead of the file's own: a built-in one (chatml, llama3, gemma …) or a .jinja file
  --backend cpu|webgpu  the engine to use (chosen by the product)
  --threads N           compute threads (chosen by the product)
  --kv-cache KIND       precision of keys and values on the processor: int8, f16 or f32 (chosen by the product)
  --max-tokens N        longest answer
  --temperature T       0 always takes the likeliest token
  --seed S              same seed, same device, same text
  --system TEXT         system prompt instead of the model's own
  --raw                 continue the text as it stands, without chat template
  --prompts FILE.jsonl  one {"prompt": "…"} a line, "system" if wanted; "-" reads stdin
  --json                one JSON object a prompt on stdout, nothing else
  --help                this text`;

const DEFAULT_MODEL = 'smollm2-135m-instruct';

/**
 * One thing to ask.
 * @typedef {{ prompt: string, system?: string }} Question
 */

/**
 * @typedef {object} AskOptions
 * @property {boolean} wantsHelp
 * @property {boolean} wantsJson
 * @property {boolean} isRaw
 * @property {{ id: string } | { path: string, name: string, parts: string[] }} model
 * @property {{ path: string, scale: number } | undefined} adapter
 * @property {{ backend?: 'cpu' | 'webgpu', threads?: number, kvCache?: string, chatTemplate?: string }} load
 * @property {{ max_tokens?: number, temperature?: number, seed?: number }} sampling
 * @property {Question[]} questions
 */

/**
 * Reads the command line, and the files it names.
 * @param {readonly string[]} parameters
 * @param {() => string} [readStdin]
 * @returns {AskOptions}
 * @throws {Failure} naming the option, or the line of the prompts file, that is wrong.
 */
export function readOptions(parameters, readStdin = () => readFileSync(0, 'utf8')) {
  const { values, positionals } = readArguments({
    args: [...parameters],
    allowPositionals: true,
    options: {
      model: { type: 'string', default: DEFAULT_MODEL },
      adapter: { type: 'string' },
      'chat-template': { type: 'string' },
      backend: { type: 'string' },
      threads: { type: 'string' },
      'kv-cache': { type: 'string' },
      'max-tokens': { type: 'string' },
      temperature: { type: 'string' },
      seed: { type: 'string' },
      system: { type: 'string' },
      raw: { type: 'boolean', default: false },
      prompts: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const shared = { wantsHelp: values.help, wantsJson: values.json, isRaw: values.raw };
  if (values.help)
    return { ...shared, model: { id: values.model }, adapter: undefined, load: {}, sampling: {}, questions: [] };

  if (values.raw && values.system !== undefined) {
    throw new Failure('--raw has no system prompt: leave out --system, or write it into the text.');
  }
  const { backend } = values;
  if (backend !== undefined && backend !== 'cpu' && backend !== 'webgpu') {
    throw new Failure(`--backend takes cpu or webgpu, not "${backend}".`);
  }
  const number = (
    /** @type {string} */ name,
    /** @type {string | undefined} */ text,
    /** @type {Parameters<typeof readNumber>[2]} */ bounds,
  ) => (text === undefined ? undefined : readNumber(`--${name}`, text, bounds));

  const questions =
    values.prompts === undefined
      ? [{ prompt: positionals.join(' ') }]
      : readPrompts(values.prompts, positionals, readStdin);
  if (values.prompts === undefined && positionals.length === 0) {
    throw new Failure('What should be asked? Write the prompt after the options, or see --help.');
  }
  return {
    ...shared,
    model: readModel(values.model),
    adapter: values.adapter === undefined ? undefined : readAdapter(values.adapter),
    load: withoutUndefined({
      backend,
      chatTemplate: values['chat-template'] === undefined ? undefined : readTemplate(values['chat-template']),
      threads: number('threads', values.threads, { minimum: 1, maximum: 64 }),
      // The product says which there are.
      kvCache: values['kv-cache'],
    }),
    sampling: withoutUndefined({
      max_tokens: number('max-tokens', values['max-tokens'], { minimum: 1, maximum: 1_000_000 }),
      temperature: number('temperature', values.temperature, { minimum: 0, maximum: 2, isInteger: false }),
      seed: number('seed', values.seed, { minimum: 0, maximum: 2 ** 32 - 1 }),
    }),
    questions: questions.map((question) => ({
      ...(values.system === undefined ? {} : { system: values.system }),
      ...question,
    })),
  };
}

/** Files that belong to a model folder. */
const MODEL_FILE = /\.(safetensors|json|jinja|onnx|onnx_data(_\d+)?|onnx\.data)$/;

/** @param {string} text */
function readModel(text) {
  const path = fromCaller(text);
  const isPath = /\.gguf$/i.test(text) || /[\\/]/.test(text) || existsSync(path);
  if (!isPath) return { id: text };
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory()) return { path, name: basename(path), parts: filesOfFolder(path) };
  if (!status?.isFile()) throw new Failure(`--model: there is no file "${path}".`);
  return { path, name: basename(path), parts: partsOf(path) };
}

/**
 * What a folder with safetensors weights or ONNX graphs says of its model; anything else in it is left where it is.
 * @param {string} path
 * @returns {string[]}
 */
function filesOfFolder(path) {
  const graphs = existsSync(join(path, 'onnx')) ? readdirSync(join(path, 'onnx')).map((name) => `onnx/${name}`) : [];
  const names = [...readdirSync(path), ...graphs].filter((name) => MODEL_FILE.test(name));
  if (!names.includes('config.json')) throw new Failure(`--model: the folder "${path}" has no config.json.`);
  return names.map((name) => join(path, name));
}

/** @param {string} text A path, with a scale behind a colon where it is not 1. */
function readAdapter(text) {
  const [, file = text, scale = '1'] = /^(.*\.gguf):([-+.\d]+)$/i.exec(text) ?? [];
  const path = fromCaller(file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new Failure(`--adapter: there is no file "${path}".`);
  return { path, scale: readNumber('--adapter', scale, { minimum: -100, maximum: 100, isInteger: false }) };
}

/** @param {string} text The name of a built-in template, or a file that holds one. */
function readTemplate(text) {
  const path = fromCaller(text);
  return /^[\w-]+$/.test(text) && !existsSync(path) ? text : readFileSync(path, 'utf8');
}

/**
 * All parts of the split model that a path names one part of; else the path alone.
 * @param {string} path
 * @returns {string[]}
 */
function partsOf(path) {
  const [, base, count] = /^(.*)-\d{5}-of-(\d{5})\.gguf$/i.exec(path) ?? [];
  if (base === undefined || count === undefined) return [path];
  const parts = Array.from(
    { length: Number(count) },
    (_, index) => `${base}-${String(index + 1).padStart(5, '0')}-of-${count}.gguf`,
  );
  const missing = parts.find((part) => !existsSync(part));
  if (missing !== undefined) throw new Failure(`--model: the part "${missing}" of this split model is missing.`);
  return parts;
}

/**
 * @param {string} file
 * @param {readonly string[]} positionals
 * @param {() => string} readStdin
 */
function readPrompts(file, positionals, readStdin) {
  if (positionals.length > 0) throw new Failure('Give either --prompts or a prompt after the options, not both.');
  let text;
  try {
    text = file === '-' ? readStdin() : readFileSync(fromCaller(file), 'utf8');
  } catch (error) {
    throw new Failure(`--prompts: "${file}" cannot be read.`, { cause: error });
  }
  const questions = parsePrompts(text, file);
  if (questions.length === 0) throw new Failure(`--prompts: "${file}" holds no prompt.`);
  return questions;
}

/**
 * The questions of a JSON Lines text; empty lines are passed over.
 * @param {string} text
 * @param {string} name For messages.
 * @returns {Question[]}
 */
export function parsePrompts(text, name) {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, index) => ({ line: line.trim(), place: `${name}, line ${index + 1}` }))
    .filter(({ line }) => line !== '')
    .map(({ line, place }) => {
      let value;
      try {
        value = JSON.parse(line);
      } catch (error) {
        throw new Failure(`${place}: not JSON.`, { cause: error });
      }
      if (typeof value?.prompt !== 'string') throw new Failure(`${place}: needs {"prompt": "…"}.`);
      if (value.system !== undefined && typeof value.system !== 'string') {
        throw new Failure(`${place}: "system" must be a text.`);
      }
      return value.system === undefined ? { prompt: value.prompt } : { prompt: value.prompt, system: value.system };
    });
}

/**
 * @template {object} T
 * @param {T} record
 * @returns {{ [K in keyof T]?: Exclude<T[K], undefined> }}
 */
function withoutUndefined(record) {
  return /** @type {any} */ (Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));
}
