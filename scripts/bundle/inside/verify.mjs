/** Checks every file of this folder against SHA256SUMS. Needs Node, and nothing else. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const list = readFileSync(join(folder, 'SHA256SUMS'), 'utf8');
const wanted = new Map(
  list
    .split('\n')
    .filter(Boolean)
    .map((line) => /** @type {const} */ ([line.slice(66), line.slice(0, 64)])),
);
const problems = [];
for (const [path, sha256] of wanted) {
  const file = join(folder, path);
  if (!existsSync(file)) {
    problems.push(`${path} is missing`);
    continue;
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('hex') !== sha256) problems.push(`${path} is not what was made`);
}
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/');
  if (entry.isFile() && path !== 'SHA256SUMS' && !wanted.has(path)) problems.push(`${path} was put in`);
}
if (problems.length > 0) {
  console.error(`NOT what was made: copy the archive again, and find out who changed it.\n  ${problems.join('\n  ')}`);
  process.exitCode = 1;
} else {
  const hash = createHash('sha256').update(list).digest('hex');
  console.log(`Every file is what was made: ${wanted.size} files. SHA-256 of the list, to compare:\n${hash}`);
}
