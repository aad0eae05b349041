import type { VNode } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { isPermitted } from '../../policy/index.ts';
import { useApp } from '../app-context.ts';
import { droppedFiles } from '../dropped-files.ts';
import { FileButton } from '../pages/index.ts';
import { toFailure } from '../state/index.ts';
import { TEXT } from '../text.ts';

/** Opens a model from disk, in one file or in its parts; the bytes are read where they lie. */
export function FilePicker({ onOpen }: { readonly onOpen?: () => void }): VNode | null {
  const { model, policy } = useApp();
  if (!isPermitted(policy, 'file')) return null;
  return (
    <FileButton
      label={TEXT.model.open}
      accept=".gguf"
      isMultiple
      onFiles={(files) => {
        void model.openFiles(files);
        onOpen?.();
      }}
    />
  );
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** The whole page takes a dropped file; without this the browser would leave the page and show the file. */
export function DropTarget(): VNode | null {
  const { openFiles, refusal } = useApp();
  const [isOver, setOver] = useState(false);
  useLayoutEffect(() => {
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      // Leaving for another element of the page names it; leaving the window names none.
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer === null) return;
      refusal.value = null;
      droppedFiles(event.dataTransfer).then(openFiles, (error: unknown) => {
        refusal.value = toFailure(error);
      });
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, [openFiles, refusal]);
  return isOver ? <div class="drop-target">{TEXT.model.drop}</div> : null;
}
