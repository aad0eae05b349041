import type { VNode } from 'preact';
import { FailureText } from '../components/model-status.tsx';
import { WorkView } from './model-row.tsx';
import type { ModelsState } from './models-state.ts';
import { MODELS_TEXT as text } from './text/index.ts';

/** Where models lie, and the way to the other place. A move that was cut off is offered again. */
export function Place({ state }: { readonly state: ModelsState }): VNode | null {
  const { medium = null, choices = [] } = state.storage.value ?? {};
  if (medium === null || medium === 'memory' || choices.length < 2) return null;
  const work = state.moving.value;
  const failure = state.moveFailure.value;
  const stored = (state.rows.value ?? []).flatMap((row) => row.stored ?? []);
  const isSplit = stored.some((model) => model.medium !== medium);
  return (
    <details class="more" open={work !== null || failure !== null}>
      <summary>
        {text.medium}: {text.media[medium]}
      </summary>
      {work !== null && <WorkView work={work} name={text.medium} />}
      {failure !== null && <FailureText failure={failure} />}
      <div class="buttons">
        {choices
          .filter((choice) => choice !== medium || isSplit)
          .map((choice) => (
            <button key={choice} type="button" disabled={work !== null} onClick={() => void state.moveTo(choice)}>
              {text.move(text.media[choice])}
            </button>
          ))}
      </div>
    </details>
  );
}
