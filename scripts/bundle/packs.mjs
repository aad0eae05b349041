import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { sourceModule } from '../lib/source-module.mjs';

/** Bytes that are copied at once. */
const PIECE = 2 ** 22;

/**
 * Makes a model of the site from a signed pack: its files, its manifest, its licence. Every byte is checked on the way.
 * @param {string} site
 * @param {string} file
 * @returns {Promise<{ id: string, name: string, manifest: string }>} Its entry in the catalogue.
 */
export async function addPack(site, file) {
  const format = /** @type {typeof import('../../src/library/pack/index.ts')} */ (
    await sourceModule('src/library/pack/index.ts')
  );
  const handle = await open(file).catch(() => {
    throw new Failure(`${file} cannot be opened.`);
  });
  try {
    const { size } = await handle.stat();
    /** @param {number} offset @param {number} length */
    const read = async (offset, length) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset);
      return bytes.subarray(0, bytesRead);
    };
    const { manifest, licence, dataOffset } = await format.readPackHeader({ size, read }).catch((error) => {
      throw new Failure(`${basename(file)}: ${error instanceof Error ? error.message : error}`);
    });
    const folder = join(site, 'models', manifest.id);
    let offset = dataOffset;
    for (const { path, size: bytes, sha256 } of format.packFiles(manifest)) {
      const to = resolve(folder, path);
      if (!to.startsWith(`${folder}/`))
        throw new Failure(`${basename(file)} names a file outside its folder: "${path}".`);
      mkdirSync(dirname(to), { recursive: true });
      const hash = createHash('sha256');
      const output = await open(to, 'w');
      for (let done = 0; done < bytes; done += PIECE) {
        const piece = await read(offset + done, Math.min(PIECE, bytes - done));
        hash.update(piece);
        await output.write(piece);
      }
      await output.close();
      if (hash.digest('hex') !== sha256) throw new Failure(`${basename(file)}: "${path}" is not what was signed.`);
      offset += bytes;
    }
    // A site publishes its hashes; who signed the pack was checked here.
    const { hashes: _, origin: __, ...published } = manifest;
    writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(published, null, 2)}\n`);
    if (licence !== '') writeFileSync(join(folder, basename(manifest.licence.file || 'LICENSE')), licence);
    return { id: manifest.id, name: manifest.name, manifest: `${manifest.id}/manifest.json` };
  } finally {
    await handle.close();
  }
}
