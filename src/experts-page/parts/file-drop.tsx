import { useRef, useState } from 'preact/hooks';
import { TEXT } from '../text.ts';

interface FileDropProps {
  readonly label: string;
  readonly accept: string;
  readonly isOff: boolean;
  readonly onFile: (file: File) => void;
}

/** A place where a file can be dropped, and a button that asks for one. */
export function FileDrop({ label, accept, isOff, onFile }: FileDropProps) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  return (
    // A file can be dropped here; whoever has no mouse has the button.
    // biome-ignore lint/a11y/noStaticElementInteractions: as said.
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const [file] = event.dataTransfer?.files ?? [];
        if (file !== undefined && !isOff) onFile(file);
      }}
    >
      <button type="button" class="primary" disabled={isOff} onClick={() => input.current?.click()}>
        {label}
      </button>
      <span class="muted">{TEXT.dropHere}</span>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        accept={accept}
        tabIndex={-1}
        aria-label={label}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          // The same file, changed meanwhile, can be opened again.
          currentTarget.value = '';
          if (file !== undefined) onFile(file);
        }}
      />
    </div>
  );
}
