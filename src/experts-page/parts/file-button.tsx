import { useRef } from 'preact/hooks';

interface FileButtonProps {
  readonly label: string;
  readonly accept: string;
  readonly class?: string;
  readonly isOff: boolean;
  readonly onFile: (file: File) => void;
}

/** A button that asks for a file. What chooses it is hidden from all: no browser draws it in the page's language. */
export function FileButton({ label, accept, class: className, isOff, onFile }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={className} disabled={isOff} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        hidden
        type="file"
        accept={accept}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          // The same file, changed meanwhile, can be opened again.
          currentTarget.value = '';
          if (file !== undefined) onFile(file);
        }}
      />
    </>
  );
}
