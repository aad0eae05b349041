import { dirname, relative } from 'node:path/posix';
import { defineConfig, type UserConfig } from 'vite';
import productConfig from './vite.config.ts';

const product = productConfig as UserConfig;

/**
 * The library for npm: the same sources as `/sotto.js` of the app, as modules of one folder that any server can hand out.
 * Written to package/dist by `scripts/package.mjs`.
 */
export default defineConfig({
  ...product,
  // The app's page, its service worker and its models stay with the app; headers matter only to a server.
  plugins: [],
  publicDir: false,
  experimental: {
    // Bundlers would copy each thread alone, without the engine beside it: they must not see an address here.
    renderBuiltUrl: (file, { hostId, hostType }) => {
      const path = relative(dirname(hostId), file);
      if (hostType !== 'js') return { relative: true };
      return { runtime: `import.meta.url.replace(/[^/]*$/u, ${JSON.stringify(path)})` };
    },
  },
  build: {
    ...product.build,
    outDir: 'package/dist',
    emptyOutDir: true,
    modulePreload: false,
    rolldownOptions: {
      input: {
        sotto: 'src/client/index.ts',
        'prompt-api': 'src/client/adapters/prompt-api/index.ts',
        'ai-sdk': 'src/client/adapters/ai-sdk/index.ts',
        langchain: 'src/client/adapters/langchain/index.ts',
      },
      external: [/^@langchain\/core/, /^@ai-sdk\//],
      preserveEntrySignatures: 'exports-only',
      output: { entryFileNames: '[name].js', chunkFileNames: 'assets/[name]-[hash].js' },
    },
  },
});
