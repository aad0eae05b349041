import { signal } from '@preact/signals';
import { sayError } from '../../app/i18n/index.ts';
import type { TaskEvent } from '../../client/index.ts';
import { TEXT } from '../text.ts';

/** How far a long work is: `total` 0 where nobody can say. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

export interface JobOptions {
  readonly signal: AbortSignal;
  readonly onEvent: (event: TaskEvent) => void;
}

/** One thing at a time that takes long, can be stopped, and says what came of it. */
export function createJob() {
  const running = signal<AbortController | null>(null);
  const progress = signal<Progress | null>(null);
  const message = signal('');
  const isFailed = signal(false);
  /** Resolves with false where it failed or was stopped; then `message` says why. */
  const run = async (
    work: (options: JobOptions) => Promise<string | undefined>,
    onEvent: (event: TaskEvent) => void = () => {},
  ): Promise<boolean> => {
    if (running.value !== null) return false;
    const controller = new AbortController();
    running.value = controller;
    progress.value = { done: 0, total: 0 };
    message.value = '';
    isFailed.value = false;
    try {
      message.value =
        (await work({
          signal: controller.signal,
          onEvent: (event) => {
            if (event.type === 'task-progress') progress.value = { done: event.done, total: event.total };
            onEvent(event);
          },
        })) ?? '';
      return true;
    } catch (error) {
      message.value = await sayError(error, TEXT.stopped);
      isFailed.value = true;
      return false;
    } finally {
      running.value = null;
      progress.value = null;
    }
  };
  return { running, progress, message, isFailed, run, stop: () => running.value?.abort() };
}

export type Job = ReturnType<typeof createJob>;
