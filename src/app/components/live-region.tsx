import { useComputed } from '@preact/signals';
import type { VNode } from 'preact';
import { type App, useApp } from '../app-context.ts';
import { type Failure, failureOf, withoutThinking } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { sayFailure } from './say-failure.ts';

/** Says to screen readers what changed: states, and each answer once, when it is finished; never single tokens. */
export function LiveRegion(): VNode {
  const app = useApp();
  const model = useComputed(() => modelAnnouncement(app));
  const answer = useComputed(() => answerAnnouncement(app));
  return (
    <div class="visually-hidden">
      <p role="status">{model.value}</p>
      <p role="status">{answer.value}</p>
    </div>
  );
}

function modelAnnouncement({ model }: App): string {
  const state = model.state.value;
  switch (state.kind) {
    case 'ready':
      return TEXT.announce.ready(state.subject.name);
    case 'arriving':
      return TEXT.announce.arriving(state.totalBytes);
    case 'paused':
      return TEXT.announce.paused;
    case 'failed':
      return announceFailure(state.failure);
    case 'removed':
      return TEXT.model.removed;
    default:
      return '';
  }
}

function answerAnnouncement({ chat }: App): string {
  if (chat.isAnswering.value) return TEXT.announce.answering;
  const message = chat.branch.value.at(-1);
  // An old answer that is only looked at again is not news.
  if (message?.role !== 'assistant' || message.id !== chat.lastAnswered.value) return '';
  switch (message.state.kind) {
    case 'stopped':
      return TEXT.announce.stopped;
    case 'failed':
      return announceFailure(failureOf(message.state));
    default:
      return TEXT.announce.answer(withoutThinking(message.text));
  }
}

function announceFailure(failure: Failure): string {
  const { what, advice } = sayFailure(failure);
  return TEXT.announce.failed(what, advice);
}
