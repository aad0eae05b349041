import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';

type MathTree = typeof import('./math-tree.ts').mathTree;

/** The formula writer comes with the first formula; then it is there for all of them. */
let loaded: MathTree | undefined;

/** A formula as MathML, which screen readers can read; as its source until the writer is there, and where it is faulty. */
export function Formula({ tex, isBlock }: { readonly tex: string; readonly isBlock: boolean }): VNode {
  const tree = useSignal(loaded);
  useEffect(() => {
    if (tree.peek() !== undefined) return;
    import('./math-tree.ts').then(
      ({ mathTree }) => {
        loaded = mathTree;
        tree.value = mathTree;
      },
      // Without it the source stays: no worse than what the model wrote.
      () => {},
    );
  }, []);
  const formula = tree.value?.(tex, isBlock) ?? null;
  if (formula === null) return <code class="formula-source">{tex}</code>;
  return isBlock ? (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
    <div class="formula" tabIndex={0} dir="ltr">
      {formula}
    </div>
  ) : (
    <span dir="ltr">{formula}</span>
  );
}
