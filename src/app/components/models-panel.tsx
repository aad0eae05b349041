import type { ComponentType, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { Dialog } from './dialog.tsx';

/** All models. What is in it comes when it is first opened: the shell carries only this frame. */
export function ModelsPanel(): VNode {
  const { panel } = useApp();
  const [Content, setContent] = useState<ComponentType | null>(null);
  useEffect(() => {
    import('../models-page/index.ts').then(
      ({ ModelsPage }) => setContent(() => ModelsPage),
      () => {
        // Offline before the panel was ever opened, or another version of the site: the model's own panel still works.
        panel.value = 'model';
      },
    );
  }, [panel]);
  return (
    <Dialog
      title={TEXT.model.all}
      class="wide"
      onClose={() => {
        panel.value = null;
      }}
    >
      {Content === null ? <p class="muted">{TEXT.model.starting}</p> : <Content />}
    </Dialog>
  );
}
