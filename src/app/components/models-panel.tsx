import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { ModelsPage } from '../models-page/index.ts';
import { TEXT } from '../text.ts';
import { Dialog } from './dialog.tsx';

/** All models, over the page. */
export function ModelsPanel(): VNode {
  const { panel } = useApp();
  return (
    <Dialog
      title={TEXT.model.all}
      class="wide"
      onClose={() => {
        panel.value = null;
      }}
    >
      <ModelsPage />
    </Dialog>
  );
}
