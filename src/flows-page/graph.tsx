import type { FlowDocument, FlowStep } from '../protocol/index.ts';
import { BOX, edgePath, placeNodes } from './layout.ts';
import { TEXT } from './text.ts';

export type NodeStatus = FlowStep['status'] | 'idle' | 'running';

interface GraphProps {
  readonly flow: FlowDocument;
  readonly statuses: ReadonlyMap<string, NodeStatus>;
  readonly chosen: string | null;
  readonly onChoose: (node: string) => void;
}

/** The flow drawn from left to right; nodes light up as they run, and open when they are chosen. */
export function Graph({ flow, statuses, chosen, onChoose }: GraphProps) {
  const { nodes, width, height } = placeNodes(flow);
  const places = new Map(nodes.map((node) => [node.id, node]));
  const pairs = new Map(flow.edges.map(({ from, to }) => [`${from} ${to}`, { from, to }]));
  return (
    <section class="graph" aria-label={TEXT.graph}>
      <div class="canvas" style={{ inlineSize: `${width}px`, blockSize: `${height}px` }}>
        <svg width={width} height={height} aria-hidden="true">
          {[...pairs.values()].map(({ from, to }) => {
            const [a, b] = [places.get(from), places.get(to)];
            if (a === undefined || b === undefined) return null;
            // The way that was taken stands out; what leads to a step that was passed over steps back.
            const isOff = [from, to].some((id) => statuses.get(id) === 'skipped');
            const isTaken = !isOff && ['done', 'cached', 'replayed'].includes(statuses.get(to) ?? 'idle');
            return (
              <path key={`${from} ${to}`} class={isOff ? 'off' : isTaken ? 'taken' : ''} d={edgePath(a, b, nodes)} />
            );
          })}
        </svg>
        {nodes.map(({ id, x, y }) => {
          const status = id === 'input' ? 'done' : (statuses.get(id) ?? 'idle');
          return (
            <button
              key={id}
              type="button"
              class={`node ${status}`}
              aria-pressed={chosen === id}
              style={{
                insetInlineStart: `${x}px`,
                insetBlockStart: `${y}px`,
                inlineSize: `${BOX.width}px`,
                blockSize: `${BOX.height}px`,
              }}
              title={`${id}: ${TEXT.statuses[status]}`}
              onClick={() => onChoose(id)}
            >
              {id}
            </button>
          );
        })}
      </div>
    </section>
  );
}
