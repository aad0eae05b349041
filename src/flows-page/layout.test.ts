import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BOX, edgePath, type PlacedNode, placeNodes } from './layout.ts';

it('puts every node of a flow in a place of its own, behind all it waits for', () => {
  const flow = JSON.parse(readFileSync('flows/support/flow.json', 'utf8'));
  const { nodes } = placeNodes(flow);
  expect(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(flow.nodes.length + 1);
  const at = new Map(nodes.map((node) => [node.id, node.x]));
  for (const { from, to } of flow.edges) expect(at.get(to)).toBeGreaterThan(at.get(from) ?? 0);
});

/** Heights at which a path runs from left to right. */
const lanesOf = (path: string) => [...path.matchAll(/ ([\d.]+)H/g)].map(([, y]) => Number(y));

it('leads an edge past the boxes between its ends', () => {
  const column = BOX.width + BOX.gapX;
  const row = BOX.height + BOX.gapY;
  const at = (id: string, x: number, y: number): PlacedNode => ({ id, x: x * column, y: y * row });
  const nodes = [at('input', 0, 0), at('a', 1, 0), at('low', 1, 1), at('b', 2, 0), at('end', 3, 0)];
  const [input, a, low, , end] = nodes as [PlacedNode, PlacedNode, PlacedNode, PlacedNode, PlacedNode];
  const inBox = (y: number) => y % row <= BOX.height;
  expect(edgePath(input, a, nodes)).not.toContain('H');
  // Its own row is free.
  expect(lanesOf(edgePath(low, end, nodes))).toEqual([low.y + BOX.height / 2]);
  // So is the row of its end.
  expect(lanesOf(edgePath(a, at('other', 3, 1), nodes))).toEqual([row + BOX.height / 2]);
  // Neither is: it runs in the gap between rows.
  const [lane] = lanesOf(edgePath(input, end, nodes));
  expect(inBox(lane!)).toBe(false);
});
