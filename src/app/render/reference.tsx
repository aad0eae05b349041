import { type ComponentChildren, createContext, type VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { visibleText } from './hidden-text.tsx';

/** What the numbers in square brackets of an answer stand for. */
export interface References {
  /** Numbers from 1 to this one lead somewhere. */
  readonly count: number;
  readonly label: (number: number) => string;
  readonly open: (number: number) => void;
}

/** Null: a number in square brackets is a number in square brackets. */
export const ReferencesContext = createContext<References | null>(null);

/** `[1]`, `[1, 2]`. */
const MARK = /\[(\d{1,2}(?:\s?[,;]\s?\d{1,2})*)\]/g;

/** Text in which `[1]` can be pressed where it names a passage. */
export function referencedText(text: string): ComponentChildren {
  if (text.search(MARK) < 0) return visibleText(text);
  const parts: ComponentChildren[] = [];
  let shown = 0;
  for (const { index, 0: raw, 1: list = '' } of text.matchAll(MARK)) {
    parts.push(visibleText(text.slice(shown, index)), <Reference raw={raw} numbers={list.split(/[,;]/).map(Number)} />);
    shown = index + raw.length;
  }
  return [...parts, visibleText(text.slice(shown))];
}

interface ReferenceProps {
  readonly raw: string;
  readonly numbers: readonly number[];
}

/** Numbers that lead to their passage; as they were written where one of them names none. */
export function Reference({ raw, numbers }: ReferenceProps): VNode {
  const references = useContext(ReferencesContext);
  const isKnown = references !== null && numbers.every((number) => number >= 1 && number <= references.count);
  if (!isKnown) return <>{raw}</>;
  return (
    <>
      {numbers.map((number) => (
        <button
          key={number}
          type="button"
          class="reference figures"
          aria-label={references.label(number)}
          title={references.label(number)}
          onClick={() => references.open(number)}
        >
          {number}
        </button>
      ))}
    </>
  );
}
