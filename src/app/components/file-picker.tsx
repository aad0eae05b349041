import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isPermitted } from '../../policy/index.ts';
import { useApp } from '../app-context.ts';
import { droppedFiles } from '../dropped-files.ts';
import { TEXT } from '../text.ts';

/** Opens a model from disk, in one file or in its parts; the bytes are read where they lie. */
export function FilePicker({ onOpen }: { readonly onOpen?: () => void }): VNode | null {
  const { model, policy } = useApp();
  const input = useRef<HTMLInputElement>(null);
  const open = () => {
    const files = [...(input.current?.files ?? [])];
    if (files.length === 0) return;
    void model.openFiles(files);
    // The same file may be chosen again after a failure; without this no change would be reported.
    if (input.current !== null) input.current.value = '';
    onOpen?.();
  };
  if (!isPermitted(policy, 'file')) return null;
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {TEXT.model.open}
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        multiple
        accept=".gguf"
        tabIndex={-1}
        aria-label={TEXT.model.open}
        onChange={open}
      />
    </>
  );
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** The whole page takes a dropped file; without this the browser would leave the page and show the file. */
export function DropTarget(): VNode | null {
  const { openFiles } = useApp();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
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
      if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then(openFiles);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, [openFiles]);
  return isOver ? <div class="drop-target">{TEXT.model.drop}</div> : null;
}
