import { kernelTypeOf } from './kernel-types.ts';
import type { Allocator, MatrixPlace, WeightPlaces } from './places.ts';

/** The head in outline, from which the likeliest tokens are found: see assembly/outline.ts. */
export interface OutlinePlace {
  readonly matrix: MatrixPlace;
  /** f32 [8 * groups] */
  readonly errors: number;
  /** f32 [groups] both */
  readonly groupErrors: number;
  readonly peaks: number;
  /** u8 [groups] both */
  readonly marks: number;
  readonly besides: number;
}

/** Fewer rows are read in full as soon as they are looked through. */
const LEAST_ROWS = 4_096;
/** Bytes of 32 values of one row in the file, up to which an outline of 18 saves too little. */
const MOST_FILE_BYTES = 24;

/** A place for a head's outline, where it pays. */
export function placeOutline(head: MatrixPlace, memory: Allocator, places: WeightPlaces): OutlinePlace | undefined {
  if (head.weight.rows < LEAST_ROWS || head.type.fileBytes <= MOST_FILE_BYTES) return undefined;
  return {
    matrix: places.beside(head, kernelTypeOf('Q4_0')!),
    errors: memory.take(head.groups * 32),
    groupErrors: memory.take(head.groups * 4),
    peaks: memory.take(head.groups * 4),
    marks: memory.take(head.groups),
    besides: memory.take(head.groups),
  };
}
