import { signal } from '@preact/signals';
import type { FunctionComponent, VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { visibleText } from './hidden-text.tsx';

const loaded = signal<FunctionComponent<{ readonly text: string }> | null>(null);
let loading: Promise<void> | null = null;

/** Fetches what draws markdown, once; a page that will show answers does so when it is drawn itself. */
export function loadMarkdown(): Promise<void> {
  loading ??= import('./markdown.tsx').then(
    ({ Markdown }) => {
      loaded.value = Markdown;
    },
    () => {
      // The next answer tries again; until then the text is read as it was written.
      loading = null;
    },
  );
  return loading;
}

/** An answer in markdown; as it was written until what draws it is there. The lexer is a sixth of the page, and waits for nobody. */
export function MarkdownLater({ text }: { readonly text: string }): VNode {
  const Markdown = loaded.value;
  useEffect(() => void loadMarkdown(), []);
  if (Markdown !== null) return <Markdown text={text} />;
  return (
    <div class="markdown" dir="auto">
      <p class="plain">{visibleText(text)}</p>
    </div>
  );
}
