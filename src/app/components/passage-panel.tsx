import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { DocumentChunk } from '../../client/index.ts';
import { useApp } from '../app-context.ts';
import { visibleText } from '../render/index.ts';
import { TEXT } from '../text.ts';
import { Dialog } from './dialog.tsx';

const text = TEXT.documents;

/** Passages around the one that is shown; a whole book would be slow to draw and is not what was asked for. */
const AROUND = 40;

/** The passage an answer drew on, marked, where it stands in its document. */
export function PassagePanel(): VNode | null {
  const { passage, documents } = useApp();
  const shown = passage.value;
  const chunks = useSignal<readonly DocumentChunk[] | null>(null);
  const marked = useRef<HTMLElement>(null);
  const id = shown?.documentId;

  useEffect(() => {
    chunks.value = null;
    if (id === undefined) return;
    documents.store.chunks(id).then(
      (found) => {
        chunks.value = found;
      },
      () => {
        chunks.value = [];
      },
    );
  }, [id]);
  useEffect(() => marked.current?.scrollIntoView({ block: 'center' }), [chunks.value]);

  if (shown === null) return null;
  const near = chunks.value?.filter(({ index }) => Math.abs(index - shown.chunk) <= AROUND) ?? [];
  return (
    <Dialog
      title={shown.documentName}
      onClose={() => {
        passage.value = null;
      }}
    >
      {chunks.value === null && <p class="muted">{text.opening}</p>}
      {chunks.value?.length === 0 && (
        <>
          <p class="muted">{text.gone}</p>
          <p class="plain" dir="auto">
            <mark>{visibleText(shown.passage)}</mark>
          </p>
        </>
      )}
      <div class="document-text">
        {near.map(({ index, text: words, page, headings }, place) => {
          const before = near[place - 1];
          const isNewPage = page !== null && page !== before?.page;
          const heading = headings.at(-1);
          const isMarked = index === shown.chunk && shown.passage !== '';
          return (
            <div key={index}>
              {isNewPage && <p class="muted small figures">{text.page(page)}</p>}
              {heading !== undefined && heading !== before?.headings.at(-1) && <h3 dir="auto">{heading}</h3>}
              <p class="plain" dir="auto">
                {isMarked ? <mark ref={marked}>{visibleText(words)}</mark> : visibleText(words)}
              </p>
            </div>
          );
        })}
      </div>
    </Dialog>
  );
}
