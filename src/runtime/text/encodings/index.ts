export { createEncoding } from './create-encoding.ts';
export type { TextEncoding } from './text-encoding.ts';
