import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { blockNode } from './block.tsx';
import { type Block, type Document, EMPTY_DOCUMENT, readDocument } from './blocks.ts';

/** Vnodes of settled blocks: the same object each time, so that preact passes over them without a look. */
const settledNodes = new WeakMap<Block, VNode | null>();

function settledNode(block: Block): VNode | null {
  const known = settledNodes.get(block);
  if (known !== undefined) return known;
  const node = blockNode(block);
  settledNodes.set(block, node);
  return node;
}

/** An answer in markdown, drawn while it grows. */
export function Markdown({ text }: { readonly text: string }): VNode {
  const document = useRef<Document>(EMPTY_DOCUMENT);
  document.current = readDocument(document.current, text);
  const { settled, open } = document.current;
  return (
    <div class="markdown" dir="auto">
      {[...settled.map(settledNode), ...open.map(blockNode)]}
    </div>
  );
}
