export type { ExportedFile } from './exports.ts';
export { type GgufFacts, sha256OfText } from './gguf-facts.ts';
export { sha256OfSource } from './hash-source.ts';
export { chunkBytesFor, type ManifestInput, manifestOf, readAdapterBytes, readFacts, slugOf } from './make-manifest.ts';
export { MANIFEST_BYTES_LIMIT, parseCatalogue, parseManifest } from './manifest.ts';
export { compareEditions, editionOf, type ModelPin, pinOf, readPin } from './pins.ts';
