import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** What a page needs of models/: the lists, the weights and their licences. Notes and schemas stay behind. */
function isServed(path: string): boolean {
  return !path.endsWith('.md') && !path.endsWith('.schema.json');
}

/** A hard link costs nothing for 98 MB; across file systems only a copy works. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { force: true });
  if (/\.(gguf|onnx)$/.test(from)) await link(from, to).catch(() => copyFile(from, to));
  else await copyFile(from, to);
}

/** Puts models/ beside the built page. The development server serves that folder by itself: it lies in the root. */
export function modelFiles(): Plugin {
  let from = '';
  let to = '';
  return {
    name: 'sotto:model-files',
    apply: 'build',
    configResolved({ root, build }) {
      from = join(root, 'models');
      to = resolve(root, build.outDir, 'models');
    },
    async writeBundle() {
      const entries = await readdir(from, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      await Promise.all(
        files
          .map((file) => relative(from, file))
          .filter(isServed)
          .map((path) => place(join(from, path), join(to, path))),
      );
    },
  };
}
