import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import { filesBelow } from './asset-manifest.mjs';

/** Kinds of files that become smaller. Weights do not, and compressed they could not be resumed. */
const COMPRESSIBLE = /\.(html|js|css|json|wasm|svg|webmanifest|md|txt)$/;

/** Smaller ones gain nothing: a packet is a packet. */
const LEAST_BYTES = 1_024;

/** Above this the best brotli takes minutes for a few per cent: the ONNX runtime. */
const LARGE_BYTES = 4 * 2 ** 20;

/** Changed after the build by whoever runs the server; a copy would go on saying what it said before. */
const CHANGES = /^sotto\.policy\.json$/;

/**
 * Puts a .br and a .gz beside every file of a built folder that gains by it; those that are newer than their file stay.
 * @param {string} folder
 * @returns {Promise<{ files: number, bytes: number, brotliBytes: number }>}
 */
export async function compressAssets(folder) {
  const totals = { files: 0, bytes: 0, brotliBytes: 0 };
  for (const path of filesBelow(folder)) {
    const file = join(folder, path);
    const { size, mtimeMs } = statSync(file);
    if (!COMPRESSIBLE.test(path) || CHANGES.test(path) || size < LEAST_BYTES) continue;
    const isFresh = (/** @type {string} */ copy) => existsSync(copy) && statSync(copy).mtimeMs >= mtimeMs;
    const quality = size > LARGE_BYTES ? 6 : constants.BROTLI_MAX_QUALITY;
    const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: size };
    if (!isFresh(`${file}.br`))
      await pipeline(createReadStream(file), createBrotliCompress({ params }), createWriteStream(`${file}.br`));
    if (!isFresh(`${file}.gz`))
      await pipeline(createReadStream(file), createGzip({ level: 9 }), createWriteStream(`${file}.gz`));
    totals.files += 1;
    totals.bytes += size;
    totals.brotliBytes += statSync(`${file}.br`).size;
  }
  return totals;
}
