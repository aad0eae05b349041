import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { filesBelow, sha256OfFile } from '../lib/asset-manifest.mjs';

/** The folder that unpacking makes. */
const NAME = 'sotto';

const SUMS = 'SHA256SUMS';

/**
 * Writes the hashes of all files of a folder into it, and the folder into an archive. Neither time, nor owner, nor the order of
 * a directory goes in: the same files give the same bytes.
 * @param {string} folder
 * @param {string} out
 */
export async function writeArchive(folder, out) {
  const paths = filesBelow(folder);
  const lines = await Promise.all(paths.map(async (path) => `${await sha256OfFile(join(folder, path))}  ${path}\n`));
  writeFileSync(join(folder, SUMS), lines.join(''));
  const files = [SUMS, ...paths];
  for (const path of files) chmodSync(join(folder, path), path === 'verify.sh' ? 0o755 : 0o644);
  await create({ file: out, cwd: folder, prefix: NAME, portable: true, mtime: new Date(0), noDirRecurse: true }, files);
  const sumsHash = createHash('sha256')
    .update(readFileSync(join(folder, SUMS)))
    .digest('hex');
  return { files: files.length, bytes: statSync(out).size, sumsHash };
}
