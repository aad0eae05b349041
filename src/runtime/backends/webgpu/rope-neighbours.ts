import type { RopeSpec } from '../../architectures/index.ts';

/**
 * Where a row of Q or K goes so that the two that turn together are neighbours. Q and K are reordered alike, and a dot
 * product does not mind: kernels need to know one kind of rope only. What belongs to rows (biases, weights of head norms)
 * goes with them.
 */
export function ropeNeighbours(rope: RopeSpec | undefined, headSize: number): (row: number) => number {
  if (rope === undefined || rope.kind === 'interleaved') return (row) => row;
  const half = rope.dimensions / 2;
  return (row) => {
    const dimension = row % headSize;
    if (dimension >= rope.dimensions) return row;
    const place = dimension < half ? 2 * dimension : 2 * (dimension - half) + 1;
    return row - dimension + place;
  };
}
