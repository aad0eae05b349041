import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { isPermitted } from '../../policy/index.ts';
import { useApp } from '../app-context.ts';
import { subjectOf } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { Dialog } from './dialog.tsx';
import { FilePicker } from './file-picker.tsx';
import { ModelFacts } from './model-facts.tsx';
import { ModelStatus } from './model-status.tsx';

/** The model in full: its state, its facts, another file in its place, and its removal. */
export function ModelPanel(): VNode {
  const { model, panel, policy } = useApp();
  const subject = subjectOf(model.state.value);
  const close = () => {
    panel.value = null;
  };
  return (
    <Dialog title={TEXT.model.title} onClose={close}>
      <ModelStatus />
      <ModelFacts />
      <p class="muted">{TEXT.model.demonstration}</p>
      <section class="panel-section">
        {isPermitted(policy, 'file') && <p>{TEXT.model.larger}</p>}
        <div class="buttons">
          <button type="button" onClick={() => (panel.value = 'models')}>
            {TEXT.model.all}
          </button>
          <FilePicker onOpen={close} />
          {subject?.origin.kind === 'file' && (
            <button type="button" onClick={() => void model.openDefault()}>
              {TEXT.model.back}
            </button>
          )}
        </div>
        {isPermitted(policy, 'file') && <p class="muted small">{TEXT.model.openNote}</p>}
      </section>
      <RemoveModel />
    </Dialog>
  );
}

/** Deletion asks once: 98 MB are quickly lost and slowly fetched. */
function RemoveModel(): VNode | null {
  const { model } = useApp();
  const [isAsking, setAsking] = useState(false);
  const subject = subjectOf(model.state.value);
  const origin = subject?.origin;
  const kept = origin?.kind === 'catalogue' && model.stored.value.find(({ id }) => id === origin.manifest.id);
  if (!kept || kept.storedBytes === 0) return null;
  const remove = () => {
    setAsking(false);
    void model.remove();
  };
  return (
    <section class="panel-section">
      {isAsking ? (
        <div class="buttons">
          <span class="grow">{TEXT.model.removeConfirm(kept.storedBytes)}</span>
          <button type="button" class="danger" onClick={remove}>
            {TEXT.model.removeYes}
          </button>
          <button type="button" onClick={() => setAsking(false)}>
            {TEXT.model.removeNo}
          </button>
        </div>
      ) : (
        <button type="button" class="danger" onClick={() => setAsking(true)}>
          {TEXT.model.remove}
        </button>
      )}
    </section>
  );
}
