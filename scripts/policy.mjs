import './lib/node-version.mjs';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { fromCaller } from './lib/from-caller.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { sourceModule } from './lib/source-module.mjs';
import { adviceOn, checkPolicyText } from './policy/check.mjs';
import { makeKey, publicKeyText, readPrivateKey, signatureOf } from './policy/keys.mjs';

const HELP = `npm run policy -- check FILE [--json]
npm run policy -- sign FILE --key KEY
npm run policy -- key KEY

check  judges a policy as the product does: every problem with line, column and what to do. Exit code 1 where there is one.
sign   writes an Ed25519 signature into the file. A build that has the public key in public/sotto.policy.pub obeys no other.
key    makes a key where KEY is not there yet, and prints its public half.`;

await runCommand(async () => {
  const { values, positionals } = readArguments({
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [command, given, ...rest] = positionals;
  if (values.help || command === undefined) return console.log(HELP);
  if (!['check', 'sign', 'key'].includes(command)) throw new Failure(`There is no "${command}".\n\n${HELP}`);
  if (given === undefined || rest.length > 0) throw new Failure(`"${command}" takes one file.\n\n${HELP}`);
  const path = fromCaller(given);
  if (command === 'key') return console.log(publicKeyText(existsSync(path) ? readPrivateKey(path) : makeKey(path)));
  await ensureDependencies();
  const text = read(path);
  if (command === 'check') return check(path, text, values.json);
  if (values.key === undefined) throw new Failure('sign needs --key KEY. `npm run policy -- key KEY` makes one.');
  await sign(path, text, fromCaller(values.key));
});

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`${path} cannot be read.`, { cause: error });
  }
}

/**
 * @param {string} path
 * @param {string} text
 * @param {boolean} asJson
 */
async function check(path, text, asJson) {
  const { policy, problems, signature } = await checkPolicyText(text);
  const beside = join(dirname(path), 'models/catalogue.json');
  const advice = policy === null ? [] : adviceOn(policy, existsSync(beside) ? beside : 'models/catalogue.json');
  if (problems.length > 0) process.exitCode = 1;
  if (asJson) return console.log(JSON.stringify({ isValid: policy !== null, problems, advice, signature }));
  for (const { line, column, place, message, advice: help } of problems) {
    console.error(`${path}:${line}:${column}  ${place} ${message}\n    ${help}`);
  }
  for (const line of advice) console.log(`note: ${line}`);
  const signed = signature === 'valid' ? ', signed' : '';
  console.log(
    problems.length === 0
      ? `${path} is a policy${signed}.`
      : `${problems.length} to mend. A browser would allow nothing.`,
  );
}

/**
 * @param {string} path
 * @param {string} text
 * @param {string} keyFile
 */
async function sign(path, text, keyFile) {
  const { signature: _, ...value } = parse(path, text);
  const { problems } = await checkPolicyText(JSON.stringify(value));
  if (problems.length > 0) throw new Failure(`${path} is no policy yet: npm run policy -- check ${path}`);
  const { signedText } = await sourceModule('src/policy/index.ts');
  const key = readPrivateKey(keyFile);
  const signed = { ...value, signature: signatureOf(key, signedText(value)) };
  writeFileSync(path, `${JSON.stringify(signed, null, 2)}\n`);
  console.log(`${path} is signed with ${publicKeyText(key)}`);
}

/**
 * @param {string} path
 * @param {string} text
 */
function parse(path, text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(`${path} is no JSON: npm run policy -- check ${path}`, { cause: error });
  }
}
