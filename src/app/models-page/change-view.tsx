import type { VNode } from 'preact';
import { formatBytes } from '../format/index.ts';
import type { ModelsState } from './models-state.ts';
import { MODELS_TEXT as text } from './text/index.ts';

/** What the source of a pinned model offers instead: nothing of it runs before the person has looked and accepted. */
export function ChangeView({ state }: { readonly state: ModelsState }): VNode | null {
  const found = state.change.value;
  if (found === null) return null;
  const { size, template, tokenizer } = found.change;
  return (
    <section class="card model-change" aria-live="polite">
      <h3>{text.changeTitle(found.name)}</h3>
      <p>{text.changeSize(formatBytes(size.before, 1), formatBytes(size.after, 1))}</p>
      {template.length > 0 && (
        <>
          <h4>{text.changeTemplate}</h4>
          <pre class="diff" dir="ltr">
            {template.map((line, index) => (
              // Lines repeat; their place is all that tells them apart.
              <span key={index} class={line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : undefined}>
                {`${line}\n`}
              </span>
            ))}
          </pre>
        </>
      )}
      {tokenizer.length > 0 && (
        <>
          <h4>{text.changeTokenizer}</h4>
          <dl class="diff">
            {tokenizer.map(({ fact, before, after }) => (
              <div key={fact}>
                <dt>{fact}</dt>
                <dd dir="ltr">
                  <del>{before}</del> <ins>{after}</ins>
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {template.length === 0 && tokenizer.length === 0 && <p>{text.changeWeights}</p>}
      <div class="buttons">
        <button type="button" class="danger" onClick={() => void state.acceptChange()}>
          {text.accept}
        </button>
        <button type="button" onClick={state.closeChange}>
          {text.keep}
        </button>
      </div>
    </section>
  );
}
