import { type ComponentChildren, Fragment, isValidElement, type VNode } from 'preact';
import { CodeBlock, ColouredCode } from './code-block.tsx';
import { AskedLink } from './link.tsx';
import { Formula } from './math.tsx';
import { Reference } from './reference.tsx';

/** For tests: every element of a vnode tree with its depth; components of the renderer are opened, others are kept by name. */
export interface Drawn {
  readonly tag: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly depth: number;
}

/** For tests: the elements of a tree in order, and its text. */
export function draw(children: ComponentChildren): { readonly elements: readonly Drawn[]; readonly text: string } {
  const elements: Drawn[] = [];
  let text = '';
  const walk = (node: ComponentChildren, depth: number): void => {
    if (Array.isArray(node)) {
      for (const child of node) walk(child, depth);
    } else if (isValidElement(node)) {
      const { type, props } = node as VNode<Record<string, unknown> & { children?: ComponentChildren }>;
      const { children: inner, ...rest } = props;
      if (type === Fragment) walk(inner, depth);
      else if (type === CodeBlock) walk(CodeBlock(props as unknown as Parameters<typeof CodeBlock>[0]), depth);
      else if (type === AskedLink) walk(AskedLink(props as unknown as Parameters<typeof AskedLink>[0]), depth);
      else if (type === ColouredCode) text += props['code'];
      else if (type === Formula) text += props['tex'];
      else {
        elements.push({ tag: typeof type === 'string' ? type : type.name, props: rest, depth });
        if (typeof type !== 'string' && type.name === Reference.name) text += props['raw'];
        walk(inner, depth + 1);
      }
    } else if (typeof node === 'string' || typeof node === 'number') {
      text += node;
    }
  };
  walk(children, 0);
  return { elements, text };
}
