import { isGguf, recogniseOtherFormat } from '../formats/index.ts';
import { notTheFile } from './answer.ts';

/** Bytes at the start of a file that show what it is. */
export const SIGNATURE_BYTES = 64;

/** Nothing is stored of a file that does not even begin like what its name says. Throws `download-not-the-file`. */
export function checkStart(start: Uint8Array, { pathname }: URL): void {
  const begins = BEGINNINGS.find(([ending]) => pathname.endsWith(ending))?.[1] ?? isGguf;
  if (begins(start)) return;
  throw notTheFile(`The server answered with ${recogniseOtherFormat(start) ?? 'something that is not a model file'}.`);
}

const BEGINNINGS: readonly (readonly [ending: string, begins: (start: Uint8Array) => boolean])[] = [
  // Field 1 of the message, the version of the format, which is a small number.
  ['.onnx', (start) => start[0] === 0x08 && (start[1] ?? 0) < 64],
  ['.json', (start) => /^\s*[{[]/.test(String.fromCharCode(...start.subarray(0, SIGNATURE_BYTES)))],
];
