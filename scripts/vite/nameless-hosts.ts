import type { Plugin } from 'vite';

/** Packages that name hosts in code that is never reached here: defaults that we undo, and help in messages. */
const PACKAGES =
  /node_modules\/(@xenova\/transformers|@huggingface\/[^/]+|onnxruntime-web|onnxruntime-common|temml|highlight\.js|lowlight|pdfjs-dist|hash-wasm)\//;

/** RFC 2606: no name under .invalid ever resolves. */
const NOWHERE = 'https://host.invalid';

/**
 * Takes the names of hosts out of those packages: a default that came back by accident would lead nowhere. The rule that the build
 * names no foreign host stays as strict as it was.
 */
export function namelessHosts(): Plugin {
  return {
    name: 'sotto:nameless-hosts',
    apply: 'build',
    transform(code, id) {
      if (!PACKAGES.test(id)) return null;
      return { code: code.replace(/https?:\/\/[a-z][a-z0-9.-]+\.[a-z]{2,}/gi, NOWHERE), map: null };
    },
  };
}
