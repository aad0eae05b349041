import { join } from 'node:path';
import { build, type Rollup } from 'vite';
import { ROOT } from '../../scripts/lib/paths.mjs';

/**
 * A module of the project, by its path, and all it imports as one classic script, whose exports become `globalThis[name]`: for clients that other
 * people's pages would bring along, put into a page by `page.evaluate`, which no policy of the page stands against.
 */
export async function bundle(path: string, name: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry: join(ROOT, path), name, formats: ['iife'] } },
  });
  const [output] = (Array.isArray(result) ? result : [result]) as Rollup.RollupOutput[];
  const code = output?.output[0].code;
  if (code === undefined) throw new Error(`${path} gave no script`);
  return `${code}\nglobalThis.${name} = ${name};`;
}
