import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Files below a folder that hold a word, in UTF-8 or UTF-16: what somebody finds who searches a browser's profile.
 * @param {string} directory
 * @param {string} word
 * @returns {Promise<string[]>}
 */
export async function filesWith(directory, word) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const bytes = await readFile(path).catch(() => Buffer.alloc(0));
        return bytes.includes(word) || bytes.includes(Buffer.from(word, 'utf16le')) ? [path] : [];
      }),
  );
  return found.flat();
}
