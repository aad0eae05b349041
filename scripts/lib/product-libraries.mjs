/**
 * The libraries that are built into the product. Whoever installs the package gets them inside its files, so it asks for
 * none of them (comlink is one all the same: its types are part of ours). To a build they are tools; what keeps the product
 * from reaching for any other tool is this list, which the rules of dependency-cruiser read.
 */
export const PRODUCT_LIBRARIES = [
  '@huggingface/jinja',
  '@preact/signals',
  '@xenova/transformers',
  'comlink',
  'fflate',
  'hash-wasm',
  'highlight.js',
  'htmlparser2',
  'idb',
  'idb-keyval',
  'lowlight',
  'marked',
  'onnxruntime-web',
  'pdfjs-dist',
  'preact',
  'preact-render-to-string',
  'temml',
  'uplot',
  'workbox-precaching',
];
