import process from 'node:process';
import { isRoomDoor } from './rooms.mjs';

/**
 * @typedef {import('./files.mjs').ProjectFile} ProjectFile
 * @typedef {import('./source-rules.mjs').Rule} Rule
 */

const LONGEST_FILE = 500;
const LONGEST_ENTRY = 40;
const LONGEST_README = 25;
const LARGEST_FILE = 1_000_000;

/** Hosts of package registries, in parts, so that this file obeys its own rule. The lock file must not tie a clone to one. */
const REGISTRY_HOSTS = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['registry', 'npmmirror', 'com'],
  ['npm', 'pkg', 'github', 'com'],
].map((labels) => labels.join('.'));

/** @param {string} text */
const countLines = (text) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/** @param {string} path */
const isText = (path) => !/\.(gguf|onnx|wasm|png|ico|webp|woff2|bin|npy)$/.test(path);

/** @returns {string[]} The registry this machine is set to, besides the known ones. */
function registryHosts() {
  const own = process.env['npm_config_registry'];
  return own !== undefined && URL.canParse(own) ? [...REGISTRY_HOSTS, new URL(own).host] : REGISTRY_HOSTS;
}

/**
 * @param {readonly ProjectFile[]} files
 * @param {(file: ProjectFile) => boolean} concerns
 * @param {number} most
 */
const longerThan = (files, concerns, most) =>
  files
    .filter(concerns)
    .map((file) => ({ path: file.path, lines: countLines(file.text()) }))
    .filter(({ lines }) => lines > most)
    .map(({ path, lines }) => `${path}: ${lines} lines, at most ${most}`);

/** @type {readonly Rule[]} */
export const FILE_RULES = [
  {
    name: `files have at most ${LONGEST_FILE} lines`,
    find: (files) =>
      longerThan(
        files,
        ({ path }) => /\.(tsx?|m?js|cjs|css|html|wgsl|py)$/.test(path) && !path.includes('/generated/'),
        LONGEST_FILE,
      ),
  },
  {
    name: `worker entries have at most ${LONGEST_ENTRY} lines`,
    // The service worker is a whole program of its own, not the entry to a room.
    find: (files) => longerThan(files, ({ path }) => /^workers\/.*\.worker\.ts$/.test(path), LONGEST_ENTRY),
  },
  {
    name: 'every room explains itself',
    find: (files) => {
      const paths = new Set(files.map(({ path }) => path));
      const folders = files.filter(({ path }) => isRoomDoor(path)).map(({ path }) => path.slice(0, -9));
      const missing = folders
        .filter((folder) => !paths.has(`${folder}/README.md`))
        .map((folder) => `${folder}: no README.md`);
      return [...missing, ...longerThan(files, ({ path }) => /^src\/.*\/README\.md$/.test(path), LONGEST_README)];
    },
  },
  {
    name: 'no file above 1 MB but weights',
    find: (files) =>
      files
        .filter(({ path, size }) => size > LARGEST_FILE && !/\.(gguf|onnx)$/.test(path))
        .map(({ path, size }) => `${path}: ${(size / 1e6).toFixed(1)} MB`),
  },
  {
    name: 'no package registry is named',
    find: (files) => {
      const hosts = registryHosts();
      return files
        .filter(({ path }) => isText(path) && !path.startsWith('scripts/check/'))
        .flatMap((file) => {
          const text = file.text();
          const named = hosts.filter((host) => text.includes(host)).map((host) => `${file.path}: names ${host}`);
          const isTied = file.path === 'package-lock.json' && /"resolved":\s*"https?:/.test(text);
          return isTied ? [...named, `${file.path}: holds addresses of downloads`] : named;
        });
    },
  },
];
