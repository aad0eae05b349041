import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { Draft } from './use-draft.ts';

interface Send {
  /** Whether a click on "send" does anything: it sends, or lets the words wait for the model. */
  readonly canSend: boolean;
  /** The words in the box go out as soon as the model is ready. */
  readonly isWaiting: boolean;
  readonly send: () => void;
  readonly takeBack: () => void;
}

/** Sends the draft. What is sent before the model is ready waits for it; to change a letter takes it back. */
export function useSend({ draft, clear, giveBack }: Draft): Send {
  const { chat, model } = useApp();
  const waiting = useSignal<string | null>(null);
  const { kind } = model.state.value;
  const isReady = kind === 'ready';
  const isOnItsWay = !isReady && kind !== 'failed' && kind !== 'removed';
  const hasWords = draft.value.trim() !== '';
  const isWaiting = isOnItsWay && waiting.value !== null && waiting.value === draft.value;

  const send = () => {
    if (isOnItsWay && hasWords) waiting.value = draft.value;
    if (!isReady || chat.isAnswering.value || !hasWords) return;
    const question = draft.value;
    waiting.value = null;
    clear();
    void chat.ask(question).then((isTaken) => {
      if (!isTaken) giveBack(question);
    });
  };
  useLayoutEffect(() => {
    if (isReady && waiting.peek() !== null && waiting.peek() === draft.peek()) send();
    waiting.value = null;
  }, [isReady]);
  useLayoutEffect(() => {
    if (waiting.peek() !== draft.value) waiting.value = null;
  }, [draft.value]);

  return {
    canSend: hasWords && !isWaiting && (isReady ? !chat.isAnswering.value : isOnItsWay),
    isWaiting,
    send,
    takeBack: () => {
      waiting.value = null;
    },
  };
}
