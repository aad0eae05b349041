import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';

/** Opens a model file from disk; its bytes are read where they lie. */
export function FilePicker({ onOpen }: { readonly onOpen?: () => void }): VNode {
  const { model } = useApp();
  const input = useRef<HTMLInputElement>(null);
  const open = () => {
    const file = input.current?.files?.[0];
    if (file === undefined) return;
    void model.openFile(file);
    // The same file may be chosen again after a failure; without this no change would be reported.
    if (input.current !== null) input.current.value = '';
    onOpen?.();
  };
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {TEXT.model.open}
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
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
  const { model, panel, documents, chat } = useApp();
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
      const files = [...(event.dataTransfer?.files ?? [])];
      const [first] = files;
      if (first === undefined) return;
      if (first.name.toLowerCase().endsWith('.gguf')) {
        panel.value = null;
        void model.openFile(first);
        return;
      }
      // Anything else is something to read: the documents say what they can make of it.
      const name = TEXT.documents.defaultCollection;
      const { collections } = chat.open.value.chat;
      if (!collections.includes(name)) chat.change({ collections: [...collections, name] });
      panel.value = 'documents';
      void documents.add(files, name);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, [model, panel, documents, chat]);
  return isOver ? <div class="drop-target">{TEXT.model.drop}</div> : null;
}
