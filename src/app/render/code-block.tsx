import type { VNode } from 'preact';
import { CopyButton } from '../components/copy-button.tsx';
import { TEXT } from '../text.ts';

const MAX_LANGUAGE_CHARACTERS = 24;

/** Code as it was written, with its language and a way to copy it. */
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
        <code>{code}</code>
      </pre>
    </figure>
  );
}
