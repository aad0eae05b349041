import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type XGrammar = typeof import('@mlc-ai/web-xgrammar');

/** The oracle. Its package calls a UMD file a module, so that Node reads it only under another name. */
export async function loadXGrammar(): Promise<XGrammar> {
  const require = createRequire(import.meta.url);
  const folder = await mkdtemp(join(tmpdir(), 'xgrammar-'));
  try {
    const copy = join(folder, 'xgrammar.cjs');
    await copyFile(require.resolve('@mlc-ai/web-xgrammar'), copy);
    return require(copy) as XGrammar;
  } finally {
    await rm(folder, { recursive: true });
  }
}
