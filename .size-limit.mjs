import { loadedFiles } from './scripts/lib/loaded-files.mjs';

/**
 * What comes with the page is read from the build itself: a list by hand forgot chunks whenever the bundler cut anew.
 * gzip finds other matches on other processors and makes some bytes more or less of the same file: a limit has to leave half a percent.
 */
export default [
  { name: 'app shell, before the engine', path: loadedFiles('dist', 'index.html'), gzip: true, limit: '95 kB' },
  // What a page really loads before a thread starts: all that a first answer does not need comes when it is asked for.
  { name: 'library at /sotto.js', path: loadedFiles('dist', 'sotto.js'), gzip: true, limit: '25.5 kB' },
  { name: 'widget element at /widget.js', path: 'dist/widget.js', gzip: true, limit: '15 kB' },
  { name: 'widget frame, before the engine', path: loadedFiles('dist', 'widget.html'), gzip: true, limit: '62 kB' },
  { name: 'Prompt API at /sotto-prompt-api.js', path: 'dist/sotto-prompt-api.js', gzip: true, limit: '8 kB' },
  { name: 'inference worker', path: 'dist/assets/inference.worker-*.js', gzip: true, limit: '76 kB' },
  {
    name: 'GPU engine, loaded when chosen: a copy for chats, one for the benchmark',
    path: 'dist/assets/webgpu-*.js',
    gzip: true,
    limit: '108 kB',
  },
  {
    name: 'GPU encoders, loaded when there is much to embed',
    path: 'dist/assets/encoder-*.js',
    gzip: true,
    limit: '45.5 kB',
  },
  { name: 'compute worker', path: 'dist/assets/compute.worker-*.js', gzip: true, limit: '4 kB' },
  { name: 'download worker', path: 'dist/assets/download.worker-*.js', gzip: true, limit: '36.5 kB' },
  { name: 'sandbox worker', path: 'dist/assets/sandbox.worker-*.js', gzip: true, limit: '25 kB' },
  {
    name: 'grammar compiler, loaded when an answer must have a form',
    path: 'dist/assets/compile-*.js',
    gzip: true,
    limit: '18 kB',
  },
  {
    name: 'ingest worker, before a format is read',
    path: 'dist/assets/ingest.worker-*.js',
    gzip: true,
    limit: '16 kB',
  },
  { name: 'conversion worker', path: 'dist/assets/conversion.worker-*.js', gzip: true, limit: '17 kB' },
  { name: 'service worker', path: 'dist/service-worker.js', gzip: true, limit: '11.6 kB' },
  { name: 'tasks worker', path: 'dist/assets/tasks.worker-*.js', gzip: true, limit: '88 kB' },
  { name: 'embedding worker', path: 'dist/assets/embedding.worker-*.js', gzip: true, limit: '40 kB' },
  {
    name: 'ONNX library, loaded when an ONNX model is used',
    path: 'dist/assets/transformers*.js',
    gzip: true,
    limit: '160 kB',
  },
  {
    name: 'engine, every build of it: six, of which a page loads one',
    path: ['dist/assets/*.wasm', '!dist/assets/ort-*.wasm'],
    gzip: true,
    limit: '221 kB',
  },
];
