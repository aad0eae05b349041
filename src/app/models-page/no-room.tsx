import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { formatBytes } from '../format/index.ts';
import type { ModelRow, ModelsState } from './models-state.ts';
import { MODELS_TEXT as text } from './text/index.ts';

/** Most models that are offered for deletion: those whose last use is longest ago. */
const MOST_OFFERED = 3;

/** A download that has no room: what it needs, and what could go for it. Nothing goes without a second press. */
export function NoRoom({ row, state }: { readonly row: ModelRow; readonly state: ModelsState }): VNode | null {
  const [asking, setAsking] = useState<string | null>(null);
  const needed = needOf(row, state);
  if (needed === null) return null;
  const others = (state.rows.value ?? [])
    .flatMap(({ id, name, stored }) => (stored === null || id === row.id ? [] : [{ id, name, stored }]))
    .sort((a, b) => a.stored.usedAt - b.stored.usedAt || b.stored.storedBytes - a.stored.storedBytes)
    .slice(0, MOST_OFFERED);
  return (
    <div role="status">
      <p class="muted">{text.noRoom(formatBytes(needed.neededBytes, 1), formatBytes(needed.availableBytes, 1))}</p>
      <ul class="plain-list">
        {others.map(({ id, name, stored }) => (
          <li key={id} class="buttons">
            <span>
              {name} ({formatBytes(stored.storedBytes, 1)})
            </span>
            {asking === id ? (
              <>
                <button type="button" class="danger" onClick={() => void state.remove(id)}>
                  {text.removeYes(formatBytes(stored.storedBytes, 1))}
                </button>
                <button type="button" onClick={() => setAsking(null)}>
                  {text.keep}
                </button>
              </>
            ) : (
              <button type="button" class="danger" onClick={() => setAsking(id)}>
                {text.remove}
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** By the plan, or by the write that failed: what the browser says of its room is not always so. */
function needOf(
  row: ModelRow,
  state: ModelsState,
): { readonly neededBytes: number; readonly availableBytes: number } | null {
  const planned = row.plan?.problems.find(({ what }) => what === 'storage');
  if (planned !== undefined && row.stored?.complete !== true) return planned;
  const { failure, details } = state.notices.value.get(row.id) ?? {};
  if (failure?.code !== 'storage-full') return null;
  const { neededBytes, availableBytes } = details ?? {};
  return {
    neededBytes: typeof neededBytes === 'number' ? neededBytes : (row.plan?.downloadBytes ?? 0),
    availableBytes: typeof availableBytes === 'number' ? availableBytes : 0,
  };
}
