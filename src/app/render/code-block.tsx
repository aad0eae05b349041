import { useSignal } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { CopyButton } from '../components/copy-button.tsx';
import { TEXT } from '../text.ts';
import { visibleText } from './hidden-text.tsx';
import { MAX_HIGHLIGHTED_CHARACTERS } from './limits.ts';

const MAX_LANGUAGE_CHARACTERS = 24;

/** Code that still grows is not coloured: each token would colour it all again. */
const PAUSE_MS = 250;

/** Code as it was written, with its language and a way to copy it; coloured when it has stopped growing. */
export function CodeBlock({ code, language }: { readonly code: string; readonly language: string }): VNode {
  const name = language.split(/\s/)[0]?.slice(0, MAX_LANGUAGE_CHARACTERS) ?? '';
  return (
    <figure class="code-block" dir="ltr">
      <figcaption>
        <span>{name === '' ? TEXT.answer.code : name}</span>
        <CopyButton text={code} label={TEXT.answer.copyCode} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>
          <ColouredCode code={code} language={name.toLowerCase()} />
        </code>
      </pre>
    </figure>
  );
}

/** The code alone, in one colour until the others have come. */
export function ColouredCode({ code, language }: { readonly code: string; readonly language: string }): VNode {
  const result = useSignal<{ readonly code: string; readonly nodes: ComponentChildren | null } | null>(null);
  useEffect(() => {
    // Letters that cannot be seen are shown instead of colours: what they do matters more.
    const isPlain =
      language === '' || code.length > MAX_HIGHLIGHTED_CHARACTERS || typeof visibleText(code) !== 'string';
    if (isPlain) return;
    const timer = setTimeout(() => {
      import('./highlight-code.ts').then(
        ({ highlightCode }) => {
          result.value = { code, nodes: highlightCode(code, language) };
        },
        () => {},
      );
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [code, language]);
  const coloured = result.value?.code === code ? result.value.nodes : null;
  return <>{coloured ?? visibleText(code)}</>;
}
