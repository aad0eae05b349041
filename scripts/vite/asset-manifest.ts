import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { writeAssetManifest } from '../lib/asset-manifest.mjs';

/** Writes asset-manifest.json when everything else is there, the service worker too. */
export function assetManifest(): Plugin {
  let folder = '';
  return {
    name: 'sotto:asset-manifest',
    apply: 'build',
    enforce: 'post',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        await writeAssetManifest(folder);
      },
    },
  };
}
