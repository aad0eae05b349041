import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '../lib/build.mjs';
import { ROOT } from '../lib/paths.mjs';

/**
 * A file of the project, as the rules see it.
 * @typedef {object} ProjectFile
 * @property {string} path Relative to the root, with forward slashes.
 * @property {number} size Bytes.
 * @property {() => string} text
 */

/**
 * @param {string} path
 * @returns {ProjectFile}
 */
function fileAt(path) {
  return {
    path,
    size: statSync(join(ROOT, path)).size,
    text: () => readFileSync(join(ROOT, path), 'utf8'),
  };
}

/**
 * What git holds or would hold. Without git (an unpacked archive) everything but what is installed or built.
 * @returns {ProjectFile[]}
 */
export function projectFiles() {
  return pathsOfGit()
    .filter((path) => statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile())
    .map(fileAt);
}

function pathsOfGit() {
  try {
    const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [...new Set(list.toString().split('\0').filter(Boolean))];
  } catch {
    return listFiles('.', (path) => !/^\.\/(node_modules|dist|\.git|test-results)$/.test(path)).map((path) =>
      path.slice(2),
    );
  }
}

/**
 * The production build, models left out: they are data, checked by their manifests.
 * @returns {ProjectFile[]}
 */
export function builtFiles() {
  return listFiles('dist')
    .filter((path) => !/\.(gguf|onnx)$/.test(path))
    .map(fileAt);
}
