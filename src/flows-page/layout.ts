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

/**
 * The way of an edge from the right side of one box to the left side of another, as the path of an SVG. Where columns lie between, it
 * keeps to a row that is free there, or to the gap below the upper of the two: behind a box it would seem to lead to that box.
 */
export function edgePath(from: PlacedNode, to: PlacedNode, nodes: readonly PlacedNode[]): string {
  const half = BOX.gapX / 2;
  const [x1, y1, x2, y2] = [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2];
  const between = nodes.filter(({ x }) => x > from.x && x < to.x);
  if (between.length === 0) return `M${x1} ${y1}C${x1 + half} ${y1} ${x2 - half} ${y2} ${x2} ${y2}`;
  const isFree = (row: number) => between.every(({ y }) => y !== row);
  const gap = Math.min(from.y, to.y) + BOX.height + BOX.gapY / 2;
  const lane = isFree(from.y) ? y1 : isFree(to.y) ? y2 : gap;
  const [begin, end] = [x1 + BOX.gapX, x2 - BOX.gapX];
  return `M${x1} ${y1}C${x1 + half} ${y1} ${begin - half} ${lane} ${begin} ${lane}H${end}C${end + half} ${lane} ${x2 - half} ${y2} ${x2} ${y2}`;
}
