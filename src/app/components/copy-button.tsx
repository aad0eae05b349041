import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { TEXT } from '../text.ts';
import { CheckIcon, CopyIcon } from './icons.tsx';

const SHOWN_MS = 2000;

type Outcome = 'none' | 'copied' | 'failed';

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  /** With its name beside the icon, where there is room and nothing else to say. */
  readonly isNamed?: boolean;
}

/** Copies a text and says whether that worked: some browsers and policies refuse the clipboard. */
export function CopyButton({ text, label, isNamed = false }: CopyButtonProps): VNode {
  const [outcome, setOutcome] = useState<Outcome>('none');
  useEffect(() => {
    if (outcome === 'none') return;
    const timer = setTimeout(() => setOutcome('none'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      setOutcome('failed');
    }
  };
  const shown = { none: label, copied: TEXT.answer.copied, failed: TEXT.answer.copyFailed }[outcome];
  return (
    <button type="button" class={isNamed ? undefined : 'quiet icon-only'} onClick={copy} title={shown}>
      {outcome === 'copied' ? <CheckIcon /> : <CopyIcon />}
      <span class={isNamed ? undefined : 'visually-hidden'} role="status">
        {shown}
      </span>
    </button>
  );
}
