import type { ComponentChildren, VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Citation } from '../../storage/chats/index.ts';
import { useApp } from '../app-context.ts';
import { type References, ReferencesContext } from '../render/index.ts';
import { TEXT } from '../text.ts';
import { DocumentIcon } from './icons.tsx';

const text = TEXT.documents;

/** Where in its document a passage stands. */
function placeOf({ page, chunk }: Citation): string {
  return [...(page === null ? [] : [text.page(page)]), text.passage(chunk + 1)].join(' · ');
}

interface CitedProps {
  readonly citations: readonly Citation[];
  readonly children: ComponentChildren;
}

/** In what is drawn inside, `[1]` leads to the first passage. */
export function Cited({ citations, children }: CitedProps): VNode {
  const { passage } = useApp();
  const references = useMemo(
    (): References => ({
      count: citations.length,
      label: (number) => {
        const citation = citations[number - 1];
        return citation === undefined ? '' : `${citation.documentName} · ${placeOf(citation)}`;
      },
      open: (number) => {
        passage.value = citations[number - 1] ?? null;
      },
    }),
    [citations, passage],
  );
  return <ReferencesContext.Provider value={references}>{children}</ReferencesContext.Provider>;
}

/** Where an answer comes from: each leads to its passage. */
export function Sources({ citations }: { readonly citations: readonly Citation[] }): VNode | null {
  const { passage } = useApp();
  if (citations.length === 0) return null;
  return (
    <ol class="sources" aria-label={text.sources}>
      {citations.map((citation, index) => (
        <li key={index}>
          <button type="button" class="pill source" onClick={() => (passage.value = citation)}>
            <DocumentIcon />
            <span class="figures">[{index + 1}]</span>
            <span class="source-name" dir="auto">
              {citation.documentName}
            </span>
            <span class="muted">{placeOf(citation)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
