import type { FlowDocument } from '../protocol/index.ts';

export interface PlacedNode {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** Units of the drawing. */
export const BOX = { width: 140, height: 40, gapX: 40, gapY: 16 } as const;

/** Columns by the longest way from the input; in a column, the order of the document. */
export function placeNodes({ nodes, edges }: FlowDocument): { nodes: PlacedNode[]; width: number; height: number } {
  const column = new Map<string, number>([['input', 0]]);
  // As many rounds as there are nodes reach the end of the longest way.
  for (let round = 0; round < nodes.length; round++) {
    for (const { from, to } of edges) column.set(to, Math.max(column.get(to) ?? 1, (column.get(from) ?? 0) + 1));
  }
  const rows = new Map<number, number>();
  const placed = ['input', ...nodes.map(({ id }) => id)].map((id) => {
    const at = column.get(id) ?? 1;
    const row = rows.get(at) ?? 0;
    rows.set(at, row + 1);
    return { id, x: at * (BOX.width + BOX.gapX), y: row * (BOX.height + BOX.gapY) };
  });
  return {
    nodes: placed,
    width: Math.max(...placed.map(({ x }) => x)) + BOX.width,
    height: Math.max(...placed.map(({ y }) => y)) + BOX.height,
  };
}
