import { SottoError } from '../../shared/index.ts';
import type { OnnxModel } from './types.ts';

/** A plain name, perhaps in a folder below: no root, no parent, no scheme, nothing a file system would interpret. */
const PLAIN_PATH = /^(?:\.\/)?[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;

/**
 * Holds every reference to outside bytes against the files that belong to the model, before the runtime sees it.
 *
 * @param files Bytes by path, relative to the model's folder.
 * Throws `onnx-invalid` for a path that leaves the model, a file that is not part of it, or a range that is not in the file.
 */
export function checkExternalData(model: OnnxModel, files: ReadonlyMap<string, number>): void {
  for (const { tensor, location, offset, length, expectedBytes } of model.external) {
    const wrong = (message: string) =>
      new SottoError('onnx-invalid', `Tensor "${tensor}": ${message}`, { details: { tensor } });
    const shown = location.slice(0, 100);
    if (!PLAIN_PATH.test(location) || location.includes('..'))
      throw wrong(`"${shown}" leaves the folder of the model.`);
    const size = files.get(location.replace(/^\.\//, ''));
    if (size === undefined) throw wrong(`its file "${shown}" is not part of the model.`);
    const taken = length ?? expectedBytes ?? size - offset;
    if (offset + taken > size)
      throw wrong(`bytes ${offset} to ${offset + taken} are not in "${shown}" (${size} bytes).`);
    if (expectedBytes !== undefined && taken !== expectedBytes) {
      throw wrong(`${taken} bytes are referred to; its shape asks for ${expectedBytes}.`);
    }
  }
}
