import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Lists every built file by its hash; lies beside index.html. */
export const ASSET_MANIFEST = 'asset-manifest.json';

/** What an administrator may change after the build, and what is made from the rest: neither has a hash to keep. */
const LEFT_OUT = /^(asset-manifest\.json|sotto\.policy\.json)$|\.(br|gz)$/;

/**
 * @typedef {{ readonly bytes: number, readonly sha256: string }} AssetEntry
 * @typedef {{ readonly manifestVersion: 1, readonly files: Readonly<Record<string, AssetEntry>> }} AssetManifest
 */

/**
 * @param {string} file
 * @returns {Promise<string>} SHA-256, lower-case hexadecimal.
 */
export async function sha256OfFile(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * All files below a folder, sorted, with "/" whatever the system says.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

/**
 * The manifest of a built folder.
 * @param {string} folder
 * @returns {Promise<AssetManifest>}
 */
export async function describeAssets(folder) {
  /** @type {Record<string, AssetEntry>} */
  const files = {};
  for (const path of filesBelow(folder)) {
    if (LEFT_OUT.test(path)) continue;
    const file = join(folder, path);
    files[path] = { bytes: statSync(file).size, sha256: await sha256OfFile(file) };
  }
  return { manifestVersion: 1, files };
}

/** @param {string} folder */
export async function writeAssetManifest(folder) {
  const manifest = await describeAssets(folder);
  writeFileSync(join(folder, ASSET_MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
  return manifest;
}

/**
 * Files that differ between two builds: in one only, or with other bytes.
 * @param {AssetManifest} one
 * @param {AssetManifest} other
 * @returns {string[]}
 */
export function differences(one, other) {
  const paths = [...new Set([...Object.keys(one.files), ...Object.keys(other.files)])].sort();
  return paths.filter((path) => one.files[path]?.sha256 !== other.files[path]?.sha256);
}
