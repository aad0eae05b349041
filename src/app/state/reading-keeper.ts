import { effect, type ReadonlySignal } from '@preact/signals';
import type { ReadyModel } from '../../client/index.ts';
import type { Engine } from '../engine.ts';
import type { ChatController } from './chat-controller.ts';
import { toPrompt } from './chat-tree.ts';

/** Reading fewer tokens again takes no time worth the room. */
const LEAST_TOKENS = 256;

/** A chat that rests so long is worth keeping; the next question comes first. */
const REST_MS = 4000;

export interface ReadingKeeperOptions {
  readonly engine: Pick<Engine, 'sessions'>;
  readonly chat: Pick<ChatController, 'outline' | 'branch' | 'isAnswering'>;
  readonly model: ReadonlySignal<ReadyModel | null>;
  readonly systemPrompt: () => string | null;
}

/**
 * Keeps what the model has read of a long chat, so that it goes on at once after a reload. One reading a chat, named by its
 * id; a temporary chat has none. What cannot be kept is read again: nothing of this is said or lost.
 */
export function keepReadings({ engine, chat, model, systemPrompt }: ReadingKeeperOptions): () => void {
  return effect(() => {
    const { chat: record, isTemporary, contextTokens, readFrom } = chat.outline.value;
    const ready = model.value;
    const branch = chat.branch.value;
    if (ready === null || isTemporary || chat.isAnswering.value) return;
    if (contextTokens < LEAST_TOKENS || branch.length === 0 || record.adapter !== null) return;
    const controller = new AbortController();
    const timer = setTimeout(() => void keep().catch(() => {}), REST_MS);
    const keep = async () => {
      // Of a chat that is longer than the context, the model has read the end: a beginning kept with it would fit no question.
      const first = branch.findIndex(({ id }) => id === readFrom);
      const messages = toPrompt(branch.slice(Math.max(0, first)), record.systemPrompt ?? systemPrompt());
      const { signal } = controller;
      const { id } = await engine.sessions.save({ model: ready.id, name: record.id, messages }, { signal });
      await forgetReadings(engine, (reading) => reading.name === record.id && reading.id !== id);
    };
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  });
}

/** Deletes kept readings; those of a chat that is deleted must not outlive it. */
export async function forgetReadings(
  { sessions }: Pick<Engine, 'sessions'>,
  isGone: (reading: { readonly id: string; readonly name: string }) => boolean,
): Promise<void> {
  for (const reading of await sessions.list()) if (isGone(reading)) await sessions.delete(reading.id);
}
