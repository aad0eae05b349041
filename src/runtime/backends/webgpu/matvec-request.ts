import type { StepRequest } from './kernel-library.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import { type MatrixRole, matvecTuning } from './matrix-tuning.ts';
import { matrixConstants } from './model-constants.ts';
import { rowsOfOne, type WeightUpload } from './weights/index.ts';

/** Of the matrices that lie one after the other in a buffer, those of the experts that a token got. */
export interface ChosenExperts {
  readonly used: number;
  /** Whether each expert gives a result of its own, or their results are added up. */
  readonly isApart: boolean;
}

/** A decode kernel over the rows of a matrix. */
export function matvecRequest(
  role: MatrixRole,
  upload: WeightUpload,
  request: Omit<StepRequest, 'workgroups' | 'format'>,
  chosen?: ChosenExperts,
): StepRequest {
  const { matrix } = upload;
  const slots = chosen === undefined || chosen.isApart ? 1 : chosen.used;
  const constants = matvecConstants(role, slots * matrix.columns);
  const tiles = Math.ceil(rowsOfOne(upload) / constants.TILE_ROWS);
  return {
    ...request,
    upload,
    format: matrix.format,
    constants: {
      ...request.constants,
      ...matrixConstants(upload),
      ...constants,
      ...(chosen === undefined ? {} : { IS_CHOSEN: true, SLOTS: slots }),
    },
    workgroups: () => [tiles, chosen?.isApart ? chosen.used : 1],
  };
}

/** How the matrix is dealt out to threads. */
export function matvecConstants(role: MatrixRole, columns: number) {
  const { parts, lanes, rowGroups, rowsAThread } = matvecTuning(role, columns);
  return {
    PARTS: parts,
    LANES: lanes,
    ROW_GROUPS: rowGroups,
    ROWS_A_THREAD: rowsAThread,
    TILE_ROWS: rowGroups * rowsAThread,
  } satisfies ShaderConstants;
}
