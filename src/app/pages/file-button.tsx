import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';

interface FileButtonProps {
  readonly label: string;
  readonly onFiles: (files: readonly File[]) => void;
  readonly accept?: string;
  readonly class?: string;
  readonly isMultiple?: boolean;
  /** A whole folder is chosen, with all that is in it. */
  readonly isFolder?: boolean;
  readonly isOff?: boolean;
}

/** Every browser knows it; the types of the framework do not. */
const FOLDER = { webkitdirectory: true };

/** A button that asks for files. What chooses them is hidden from all: no browser draws it in the page's language. */
export function FileButton(props: FileButtonProps): VNode {
  const { label, onFiles, accept, isMultiple = false, isFolder = false, isOff = false } = props;
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={props.class} disabled={isOff} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        hidden
        type="file"
        multiple={isMultiple || isFolder}
        accept={accept}
        {...(isFolder ? FOLDER : {})}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // The same file may be chosen again after a failure; without this no change would be reported.
          currentTarget.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
