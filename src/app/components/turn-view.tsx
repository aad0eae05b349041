import type { VNode } from 'preact';
import { memo } from '../memo.ts';
import { Markdown } from '../render/index.ts';
import { type AnswerStatus, canRetry, type Turn } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { CopyButton } from './copy-button.tsx';
import { RetryIcon, SealIcon } from './icons.tsx';
import { FailureText } from './model-status.tsx';

interface TurnProps {
  readonly turn: Turn;
  readonly isLast: boolean;
  readonly modelName: string;
  readonly onRetry: () => void;
}

/** A question and its answer. Turns that did not change are not drawn again while the last one grows. */
export const TurnView = memo(({ turn, isLast, modelName, onRetry }: TurnProps): VNode => {
  const { question, answer, status } = turn;
  return (
    <li class="turn">
      <article class="question" aria-label={TEXT.conversation.you}>
        <p class="plain" dir="auto">
          {question}
        </p>
      </article>
      <article class="answer" aria-label={modelName} aria-busy={status.kind === 'reading' || status.kind === 'writing'}>
        {status.kind === 'reading' && (
          <p class="reading muted">
            <SealIcon /> {TEXT.answer.reading}
          </p>
        )}
        {answer !== '' && <Markdown text={answer} />}
        {status.kind === 'failed' && <FailureText failure={status.failure} />}
        <AnswerFoot turn={turn} isLast={isLast} onRetry={onRetry} />
      </article>
    </li>
  );
});

function AnswerFoot({ turn, isLast, onRetry }: Omit<TurnProps, 'modelName'>): VNode | null {
  const { answer, status } = turn;
  if (status.kind === 'reading' || status.kind === 'writing') return null;
  const copy = answer !== '' && <CopyButton text={answer} label={TEXT.answer.copy} />;
  if (status.kind === 'failed') {
    return (
      <footer class="answer-foot">
        {isLast && canRetry(status.failure) && (
          <button type="button" class="primary" onClick={onRetry}>
            <RetryIcon />
            {TEXT.answer.retry}
          </button>
        )}
        {copy}
      </footer>
    );
  }
  return (
    <footer class="answer-foot">
      {copy}
      {isLast && (
        <button type="button" class="quiet icon-only" onClick={onRetry} title={TEXT.answer.another}>
          <RetryIcon />
          <span class="visually-hidden">{TEXT.answer.another}</span>
        </button>
      )}
      <AnswerEnd status={status} />
    </footer>
  );
}

/** How the answer ended, and how fast it was written. */
function AnswerEnd({ status }: { readonly status: AnswerStatus }): VNode | null {
  if (status.kind === 'stopped') return <span class="muted small">{TEXT.answer.stopped}</span>;
  if (status.kind !== 'finished') return null;
  const { decodeTokensPerSecond, completionTokens } = status.timings;
  return (
    <>
      {status.reason === 'length' && <span class="muted small">{TEXT.answer.lengthReached}</span>}
      <span class="muted small figures">{TEXT.answer.timing(decodeTokensPerSecond, completionTokens)}</span>
    </>
  );
}
