import { useState } from 'preact/hooks';
import { FileButton } from '../../app/pages/index.ts';
import { TEXT } from '../text.ts';

interface FileDropProps {
  readonly label: string;
  readonly accept: string;
  readonly isOff: boolean;
  readonly onFile: (file: File) => void;
}

/** A place where a file can be dropped, and a button that asks for one. */
export function FileDrop({ label, accept, isOff, onFile }: FileDropProps) {
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
      <FileButton
        label={label}
        accept={accept}
        class="primary"
        isOff={isOff}
        onFiles={([file]) => {
          if (file !== undefined) onFile(file);
        }}
      />
      <span class="muted">{TEXT.dropHere}</span>
    </div>
  );
}
