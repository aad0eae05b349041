import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SavedSession } from '../../protocol/index.ts';
import { useApp } from '../app-context.ts';
import { formatBytes } from '../format/index.ts';
import { type Failure, toFailure } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { IconButton } from './icon-button.tsx';
import { DeleteIcon } from './icons.tsx';
import { FailureText } from './model-status.tsx';

const text = TEXT.settings;

/** What models have read of long chats and keep: how much room it takes, and the way to be rid of it. */
export function Readings(): VNode {
  const { engine, library, settings } = useApp();
  const readings = useSignal<readonly SavedSession[]>([]);
  const failure = useSignal<Failure | null>(null);
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
      readings.value = await engine.sessions.list();
      failure.value = null;
    } catch (error) {
      failure.value = toFailure(error);
    }
  };
  const remove = (ids: readonly string[]) =>
    attempt(async () => {
      for (const id of ids) await engine.sessions.delete(id);
    });
  useEffect(() => void attempt(async () => {}), []);
  const { keepsReadings } = settings.settings.value;
  const titleOf = ({ name, model }: SavedSession) =>
    library.chats.value.find(({ id }) => id === name)?.title || name || model || text.readingUnnamed;
  return (
    <>
      <label class="switch">
        <input
          type="checkbox"
          checked={keepsReadings}
          onChange={({ currentTarget }) => {
            settings.change({ keepsReadings: currentTarget.checked });
            if (!currentTarget.checked) void remove(readings.value.map(({ id }) => id));
          }}
        />
        {text.keepsReadings}
      </label>
      <p class="muted small">{text.keepsReadingsHint}</p>
      {failure.value !== null && <FailureText failure={failure.value} />}
      {readings.value.length > 0 && (
        <ul class="document-items" aria-label={text.readings}>
          {readings.value.map((reading) => (
            <li key={reading.id}>
              <div class="grow">
                <span dir="auto">{titleOf(reading)}</span>
                <p class="muted small figures">{text.readingFacts(reading.tokens, formatBytes(reading.bytes))}</p>
              </div>
              <IconButton label={text.readingRemove(titleOf(reading))} onClick={() => void remove([reading.id])}>
                <DeleteIcon />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
