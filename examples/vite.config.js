import { svelte } from '@sveltejs/vite-plugin-svelte';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

/** One build for all pages; `plain-html` needs none. A project of its own keeps the one plugin it uses, if any. */
const PAGES = ['react', 'vue', 'svelte', 'json-extraction', 'tools', 'embeddings-search', 'prompt-api'];

export default defineConfig({
  plugins: [vue(), svelte()],
  build: {
    // The library uses top-level await and private fields; every browser with WebAssembly SIMD knows them.
    target: 'es2023',
    rolldownOptions: { input: PAGES.map((page) => `${page}/index.html`) },
  },
});
