import './lib/node-version.mjs';
import { createReadStream } from 'node:fs';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { fromCaller } from './lib/from-caller.mjs';
import { sourceModule } from './lib/source-module.mjs';
import { hashFile } from './manifest.mjs';

const HELP = `npm run pack -- FILE.gguf --out MODEL.sotto --key KEY [options]

Makes a model pack: one file with manifest, weights, licence and an Ed25519 signature, to be imported on machines that have
no network.

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
  const [given, ...others] = positionals;
  if (given === undefined || values.out === undefined || values.key === undefined) throw new Failure(HELP);
  const path = fromCaller(given);
  const out = fromCaller(values.out);
  if (others.length > 0) throw new Failure('One .gguf file makes one pack; join the parts of a split one first.');

  const { pack, make } = await loadLibrary();
  const keys = await readKey(fromCaller(values.key));
  const source = await openSource(path);
  const facts = await make.readFacts(source).catch((error) => {
    throw new Failure(`${path}: ${error instanceof Error ? error.message : error}`);
  });
  await source.close();
  const licence = values.licence === undefined ? '' : await readFile(fromCaller(values.licence), 'utf8');
  const file = { path: basename(path).replace(/[^A-Za-z0-9._-]+/g, '-'), ...(await hashFile(path)) };
  const manifest = make.manifestOf(facts, {
    id: make.slugOf(values.id ?? basename(path)),
    name: values.name,
    fallbackName: basename(path),
    source: values.source ?? 'Packed from a file.',
    file,
    hashes: 'signed',
  });
  await writeFile(out, await pack.writePackHeader({ manifest, licence }, keys));
  const output = await open(out, 'a');
  await pipeline(createReadStream(path), output.createWriteStream());
  console.log(`${out} written: ${manifest.name}, ${(await stat(out)).size} bytes.`);
  console.log(`Signed by ${await fingerprint(keys.publicKey)}`);
  process.exitCode = 0;
});
