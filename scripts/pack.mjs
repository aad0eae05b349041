import './lib/node-version.mjs';
import { openAsBlob } from 'node:fs';
import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { fromCaller } from './lib/from-caller.mjs';
import { sourceModule } from './lib/source-module.mjs';
import { bytesOf, hashFile } from './manifest.mjs';

const HELP = `npm run pack -- FILE.gguf|FOLDER --out MODEL.sotto --key KEY [options]

Makes a model pack: one file with manifest, weights, licence and an Ed25519 signature, to be imported on machines that have
no network. Of a split model any part names all of them; a folder with ONNX graphs is packed with its tokenizer and settings.

  --out FILE        the pack to write
  --key FILE        the private key to sign with
  --id ID           id of the model (from the file's name)
  --name NAME       name of the model (from the file's header)
  --licence FILE    text of the licence
  --source TEXT     where the model comes from, in words

npm run pack -- --new-key FILE      makes a key; its fingerprint is what people compare when they import a pack
npm run pack -- --verify PACK       checks signature and every byte, and says who signed`;

/** The parts of the product that know the format. */
async function loadLibrary() {
  return {
    pack: /** @type {typeof import('../src/library/pack/index.ts')} */ (
      await sourceModule('src/library/pack/index.ts')
    ),
    make: /** @type {typeof import('../src/library/make-manifest.ts')} */ (
      await sourceModule('src/library/make-manifest.ts')
    ),
  };
}

/** @param {string} path */
async function openSource(path) {
  const handle = await open(path).catch(() => {
    throw new Failure(`${path} cannot be opened.`);
  });
  const { size } = await handle.stat();
  return {
    size,
    close: () => handle.close(),
    /** @param {number} offset @param {number} length */
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset);
      return bytes.subarray(0, bytesRead);
    },
  };
}

/** @param {string} path */
async function newKey(path) {
  const keys = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']));
  const jwk = await crypto.subtle.exportKey('jwk', keys.privateKey);
  await writeFile(path, `${JSON.stringify(jwk)}\n`, { mode: 0o600, flag: 'wx' }).catch(() => {
    throw new Failure(`${path} cannot be written, or is there already: a key is never overwritten.`);
  });
  console.log(`${path} written. Keep it secret. Fingerprint: ${await fingerprint(keys.publicKey)}`);
}

/** @param {CryptoKey} key */
async function fingerprint(key) {
  const { pack } = await loadLibrary();
  return pack.fingerprintOf(Buffer.from(await crypto.subtle.exportKey('raw', key)).toString('hex'));
}

/** @param {string} path @returns {Promise<CryptoKeyPair>} */
async function readKey(path) {
  try {
    const jwk = JSON.parse(await readFile(path, 'utf8'));
    const { d: _, key_ops: __, ...publicJwk } = jwk;
    return {
      privateKey: await crypto.subtle.importKey('jwk', jwk, 'Ed25519', true, ['sign']),
      publicKey: await crypto.subtle.importKey('jwk', publicJwk, 'Ed25519', true, ['verify']),
    };
  } catch (error) {
    throw new Failure(`${path} is no key of --new-key: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {string} path */
async function verify(path) {
  const { pack } = await loadLibrary();
  const source = await openSource(path);
  try {
    const { manifest, publicKey, dataOffset } = await pack.readPackHeader(source);
    let offset = dataOffset;
    for (const { path: name, size, chunkBytes, chunks } of pack.packFiles(manifest)) {
      for (const [chunk, sha256] of chunks.entries()) {
        const length = Math.min(chunkBytes, size - chunk * chunkBytes);
        const bytes = await source.read(offset + chunk * chunkBytes, length);
        const digest = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
        if (digest !== sha256) throw new Failure(`pack-tampered: piece ${chunk} of ${name} is not what was signed.`);
      }
      offset += size;
    }
    console.log(`${manifest.name} (${manifest.id}), ${manifest.licence.id}: whole.`);
    console.log(`Signed by ${await pack.fingerprintOf(publicKey)}`);
  } catch (error) {
    const { code, message } = /** @type {{ code?: string, message?: string }} */ (error);
    throw error instanceof Failure ? error : new Failure(`${code ?? 'unreadable'}: ${message}`);
  } finally {
    await source.close();
  }
}

/**
 * All files that are meant: a folder's with their paths in it, and of a split model all parts, whichever of them was named.
 * @param {readonly string[]} given
 * @returns {Promise<{ path: string, file: string, blob: Blob }[]>}
 */
async function filesOf(given) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const path of given) {
    const status = await stat(path).catch(() => undefined);
    if (status === undefined) throw new Failure(`${path} cannot be opened.`);
    if (status.isDirectory()) {
      for (const name of await readdir(path, { recursive: true })) {
        found.set(`${basename(path)}/${name.replaceAll('\\', '/')}`, join(path, name));
      }
      continue;
    }
    const [, base, count = '1'] = /^(.*)-\d{5}-of-(\d{5})\.gguf$/i.exec(path) ?? [];
    for (let part = 1; part <= Number(count); part++) {
      const name = base === undefined ? path : `${base}-${String(part).padStart(5, '0')}-of-${count}.gguf`;
      found.set(basename(name), name);
    }
  }
  const files = [];
  for (const [path, file] of found) {
    const status = await stat(file).catch(() => undefined);
    if (status === undefined) throw new Failure(`${file} cannot be opened.`);
    if (status.isFile()) files.push({ path, file, blob: await openAsBlob(file) });
  }
  return files;
}

/**
 * The manifest of the one model among the files, and the paths of what follows it in the pack.
 * @param {readonly string[]} given
 * @param {{ id?: string, name?: string, source?: string }} said
 * @param {typeof import('../src/library/make-manifest.ts')} make
 */
async function readModel(given, said, make) {
  const files = await filesOf(given);
  const { readGivenFiles } = await sourceModule('src/library/imports/read-files.ts');
  const { BlobByteSource } = await sourceModule('src/shared/index.ts');
  const models = await readGivenFiles(files).catch((/** @type {Error} */ error) => {
    throw new Failure(error.message);
  });
  const [model] = models;
  if (models.length !== 1 || model.kind === 'pack') throw new Failure('One model makes one pack; name one.');
  const source = said.source ?? 'Packed from a file.';
  /** @param {{ blob: Blob }} found */
  const fileOf = ({ blob }) => files.find((file) => file.blob === blob)?.file ?? '';
  const id = make.slugOf(said.id ?? model.name);
  if (model.kind === 'onnx') {
    const config = model.others.find((/** @type {{ path: string }} */ { path }) => path === 'config.json');
    const all = [model.weights, ...model.others];
    const [file, ...companions] = await Promise.all(
      all.map(async (one) => ({ path: safe(one.path), ...(await hashFile(fileOf(one))) })),
    );
    if (file === undefined) throw new Failure('There is no graph.');
    const name = said.name ?? model.name;
    const input = { id, name, source, file, companions, hashes: /** @type {const} */ ('signed') };
    return { manifest: make.onnxManifestOf(JSON.parse(await config.blob.text()), input), paths: all.map(fileOf) };
  }
  const paths = model.parts.map(fileOf);
  const blobs = model.parts.map((/** @type {{ blob: Blob }} */ { blob }) => blob);
  const facts = await make.readFacts(new BlobByteSource(new Blob(blobs))).catch((/** @type {Error} */ error) => {
    throw new Failure(`${paths[0]}: ${error.message}`);
  });
  const parts = await Promise.all(
    paths.map(async (/** @type {string} */ path) => ({ path: safe(basename(path)), size: (await stat(path)).size })),
  );
  const path = parts.length === 1 ? (parts[0]?.path ?? '') : safe(`${basename(model.name)}.gguf`);
  const file = { path, ...(await hashFile(paths)), ...(parts.length === 1 ? {} : { parts }) };
  const input = {
    id,
    name: said.name,
    fallbackName: basename(model.name),
    source,
    file,
    hashes: /** @type {const} */ ('signed'),
  };
  return { manifest: make.manifestOf(facts, input), paths };
}

/** Names in a manifest hold letters, digits, dots, dashes and slashes. @param {string} path */
const safe = (path) => path.replace(/[^A-Za-z0-9._/-]+/g, '-');

await runCommand(async () => {
  const { values, positionals } = readArguments({
    options: {
      out: { type: 'string' },
      key: { type: 'string' },
      'new-key': { type: 'string' },
      verify: { type: 'string' },
      id: { type: 'string' },
      name: { type: 'string' },
      licence: { type: 'string' },
      source: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(HELP);
  if (values['new-key'] !== undefined) return newKey(fromCaller(values['new-key']));
  if (values.verify !== undefined) return verify(fromCaller(values.verify));
  if (positionals.length === 0 || values.out === undefined || values.key === undefined) throw new Failure(HELP);
  const out = fromCaller(values.out);
  const { pack, make } = await loadLibrary();
  const keys = await readKey(fromCaller(values.key));
  const licence = values.licence === undefined ? '' : await readFile(fromCaller(values.licence), 'utf8');
  const { manifest, paths } = await readModel(positionals.map(fromCaller), values, make);
  await writeFile(out, await pack.writePackHeader({ manifest, licence }, keys));
  const output = await open(out, 'a');
  await pipeline(bytesOf(paths), output.createWriteStream());
  console.log(`${out} written: ${manifest.name}, ${(await stat(out)).size} bytes.`);
  console.log(`Signed by ${await fingerprint(keys.publicKey)}`);
  process.exitCode = 0;
});
