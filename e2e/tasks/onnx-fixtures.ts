import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const FIXTURES = join(import.meta.dirname, 'fixtures');

/** A file as text that crosses into the page. */
export interface GivenFile {
  readonly path: string;
  readonly base64: string;
}

/** The files of one tiny model; those without a tokenizer of their own share one. */
export function filesOf(name: string): GivenFile[] {
  const folder = join(FIXTURES, name);
  const own = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = own.map((entry) => join(entry.parentPath, entry.name));
  const shared = ['tokenizer.json', 'tokenizer_config.json']
    .filter((file) => !existsSync(join(folder, file)))
    .map((file) => join(FIXTURES, file));
  return [...paths, ...shared].map((path) => ({
    path: path.startsWith(folder) ? path.slice(folder.length + 1) : path.slice(FIXTURES.length + 1),
    base64: readFileSync(path).toString('base64'),
  }));
}

/** Numbers within a thousandth: another order of additions gives other last digits. */
export function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Math.round(value * 1000) / 1000;
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, rounded(part)]));
}
