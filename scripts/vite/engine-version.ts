import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Whatever decides the numbers that an engine computes: kernels, shaders, what drives them, what a model is. */
const SOURCES = ['src/runtime/backends', 'src/runtime/architectures', 'scripts/build-wasm.mjs'];
const IS_NO_ENGINE = /\.(test\.tsx?|md|gguf|json)$|\/(testing|generated|reference)\//;

/**
 * Names the engines by their sources. What one of them has kept on a device (the KV cache of a long text) is of no use to
 * another, because results may differ; made from the sources, no change of a kernel can forget to change the name.
 */
export function engineVersion(root = ROOT): string {
  const files = SOURCES.flatMap((source) =>
    source.endsWith('.mjs')
      ? [join(root, source)]
      : readdirSync(join(root, source), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name)),
  )
    .map((file) => [relative(root, file).replaceAll('\\', '/'), file] as const)
    .filter(([name]) => !IS_NO_ENGINE.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json') as { readonly version: string };
  const hash = createHash('sha256').update(version);
  for (const [name, file] of files) hash.update(`\0${name}\0`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}
