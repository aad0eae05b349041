import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import type { Words } from '../text/index.ts';
import type { Source } from './knowledge.ts';

interface SourcesProps {
  readonly sources: readonly Source[];
  readonly words: Words;
  readonly onLink: (address: string) => void;
}

/** Where an answer was drawn from: pressed, each shows its passage and the whole address; only then it can be opened. */
export function Sources({ sources, words, onLink }: SourcesProps): VNode {
  const shown = useSignal<number | null>(null);
  const source = shown.value === null ? undefined : sources[shown.value];
  return (
    <div class="sources">
      <p class="sources-title">{words.sources}</p>
      <ol>
        {sources.map(({ title }, index) => (
          <li key={index}>
            <button
              type="button"
              class="link"
              aria-expanded={shown.value === index}
              onClick={() => {
                shown.value = shown.value === index ? null : index;
              }}
            >
              {title}
            </button>
          </li>
        ))}
      </ol>
      {source !== undefined && (
        <section class="source" aria-label={words.passage}>
          <blockquote>{source.passage}</blockquote>
          {source.address !== null && (
            <p>
              {words.leadsTo} <span class="address">{source.address}</span>
            </p>
          )}
          {source.address !== null && (
            <button type="button" class="primary" onClick={() => onLink(source.address ?? '')}>
              {words.openPage}
            </button>
          )}
        </section>
      )}
    </div>
  );
}
