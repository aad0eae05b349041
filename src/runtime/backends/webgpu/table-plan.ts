import { SottoError } from '../../../shared/index.ts';
import type { WeightSpec } from '../../architectures/index.ts';
import { isReadable, readableTypes } from '../blocks/index.ts';
import { gemmTuning, type MatrixRole, matvecTuning } from './matrix-tuning.ts';
import { wholeQuads } from './mixer-shapes.ts';
import { formatOf, fuseRows, type MatrixPart, matrixBytes, type WeightMatrix } from './weights/index.ts';

/** Rows of a matrix that share a buffer. */
export interface TablePart {
  readonly matrix: WeightMatrix;
  readonly firstRow: number;
  readonly rows: number;
  /** Rows of other matrices whose results come before these ones': of queries before those of keys, say. */
  readonly before: number;
}

/** Parts of a table are whole tiles of every kernel that reads it. */
const PART_ROWS = 64;

/**
 * Neighbours of one block type become one matrix; mixed files keep V, for example, in a finer type than Q and K. Each begins
 * at a whole four.
 */
export function planRows(weights: readonly MatrixPart[], norm: WeightMatrix['norm']): TablePart[] {
  const plans: TablePart[] = [];
  let parts: MatrixPart[] = [];
  let rows = 0;
  let before = 0;
  const finish = () => {
    plans.push({ matrix: { ...fuseRows(parts, norm), rows }, firstRow: 0, rows, before });
    before = wholeQuads(before + rows);
    rows = 0;
    parts = [];
  };
  for (const { weight, placeOf } of weights) {
    checkType(weight);
    const first = parts[0];
    if (first !== undefined && formatOf(first.weight.type) !== formatOf(weight.type)) finish();
    const start = wholeQuads(rows);
    parts.push({ weight, placeOf: (row) => start + placeOf(row) });
    rows = start + weight.rows;
  }
  finish();
  return plans;
}

export const inOrder = (weight: WeightSpec): MatrixPart => ({ weight, placeOf: (row) => row });

export function planTable(weight: WeightSpec, largest: number, norm: WeightMatrix['norm']): readonly TablePart[] {
  checkType(weight);
  const matrix = fuseRows([inOrder(weight)], norm);
  const unit = matrixBytes({ ...matrix, norm: undefined }, PART_ROWS);
  const front = matrixBytes(matrix, PART_ROWS) - unit;
  checkBytes(`${PART_ROWS} rows of ${weight.name}`, unit + front, largest);
  return cut(matrix, weight.rows, Math.floor((largest - front) / unit) * PART_ROWS);
}

/** Parts of `most` rows each, but for the last. */
function cut(matrix: WeightMatrix, rows: number, most: number): readonly TablePart[] {
  const parts: TablePart[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += most) {
    parts.push({ matrix, firstRow, rows: Math.min(most, rows - firstRow), before: 0 });
  }
  return parts;
}

/** Matrices of the same shape, one after the other in as few buffers as whole ones fit in. */
export function planStack(matrix: WeightMatrix, largest: number): readonly TablePart[] {
  const rows = matrix.rows / matrix.stack;
  const unit = matrixBytes({ ...matrix, norm: undefined }, rows);
  const front = matrixBytes(matrix, rows) - unit;
  checkBytes(`an expert of ${matrix.parts[0]!.weight.name}`, unit + front, largest);
  return cut(matrix, matrix.rows, Math.floor((largest - front) / unit) * rows);
}

export function checkType({ name, type }: WeightSpec): void {
  if (isReadable(type)) return;
  const message = `${name} is stored as ${type}; the GPU engine reads ${readableTypes()}.`;
  throw new SottoError('model-unsupported', message, { details: { tensor: name, type } });
}

export function checkBytes(what: string, bytes: number, most: number): void {
  if (bytes <= most) return;
  const message = `The graphics adapter allows buffers of ${most} bytes; ${what} would need ${bytes}.`;
  throw new SottoError('backend-unavailable', message, { details: { bytes, most } });
}

export function checkWorkgroups(rows: number, most: number, role: MatrixRole = 'qkv'): void {
  const { rowGroups, rowsAThread } = matvecTuning(role, 32);
  const workgroups = Math.ceil(rows / Math.min(rowGroups * rowsAThread, gemmTuning(role).tileRows));
  if (workgroups <= most) return;
  const message = `The graphics adapter allows ${most} workgroups; this model needs ${workgroups}.`;
  throw new SottoError('backend-unavailable', message, { details: { workgroups, most } });
}
