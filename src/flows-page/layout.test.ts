import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { placeNodes } from './layout.ts';

it('puts every node of a flow in a place of its own, behind all it waits for', () => {
  const flow = JSON.parse(readFileSync('flows/support/flow.json', 'utf8'));
  const { nodes } = placeNodes(flow);
  expect(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(flow.nodes.length + 1);
  const at = new Map(nodes.map((node) => [node.id, node.x]));
  for (const { from, to } of flow.edges) expect(at.get(to)).toBeGreaterThan(at.get(from) ?? 0);
});
