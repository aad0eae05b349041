import type { StepRequest } from './kernel-library.ts';
import { gemmTuning, type MatrixRole } from './matrix-tuning.ts';
import { matrixConstants } from './model-constants.ts';
import { rowsOfOne, type WeightUpload } from './weights/index.ts';

/** A prefill kernel over the rows of a matrix and the tokens of a chunk; `tiles` of them where it is not all in order. */
export function gemmRequest(
  role: MatrixRole,
  upload: WeightUpload,
  request: Omit<StepRequest, 'workgroups' | 'format'>,
  tiles?: number,
): StepRequest {
  const { tileTokens, tileRows, tokensAThread } = gemmTuning(role);
  const across = Math.ceil(rowsOfOne(upload) / tileRows);
  return {
    ...request,
    upload,
    format: upload.matrix.format,
    constants: {
      ...request.constants,
      ...matrixConstants(upload),
      TILE_TOKENS: tileTokens,
      TILE_ROWS: tileRows,
      TOKENS_A_THREAD: tokensAThread,
    },
    workgroups: (count) => [across, tiles ?? Math.ceil(count / tileTokens)],
  };
}
