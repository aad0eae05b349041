export type { Block, Extracted, Notices } from './blocks.ts';
export { documentInvalid, textOfBlocks } from './blocks.ts';
export { extractDocument } from './extract-document.ts';
