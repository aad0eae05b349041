import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';

const text = TEXT.deleteAll;

/** Deletes everything this site keeps here. It asks once, and says what would not go. */
export function DeleteAll(): VNode {
  const { deleteAll } = useApp();
  const phase = useSignal<'idle' | 'asking' | 'deleting' | 'done'>('idle');
  const left = useSignal<readonly string[]>([]);
  const remove = async () => {
    phase.value = 'deleting';
    left.value = await deleteAll();
    phase.value = 'done';
  };
  return (
    <section class="panel-section">
      <h3>{text.title}</h3>
      <p>{text.note}</p>
      {phase.value === 'idle' && (
        <button type="button" class="danger" onClick={() => (phase.value = 'asking')}>
          {text.begin}
        </button>
      )}
      {phase.value === 'asking' && (
        <div class="buttons">
          <span class="grow">{text.confirm}</span>
          <button type="button" class="danger" onClick={() => void remove()}>
            {text.yes}
          </button>
          <button type="button" onClick={() => (phase.value = 'idle')}>
            {text.no}
          </button>
        </div>
      )}
      <p role="status">
        {phase.value === 'deleting' && text.deleting}
        {phase.value === 'done' && (left.value.length === 0 ? text.done : text.left(left.value.join(', ')))}
      </p>
      {phase.value === 'done' && (
        <button type="button" onClick={() => location.reload()}>
          {TEXT.notices.reload}
        </button>
      )}
    </section>
  );
}
