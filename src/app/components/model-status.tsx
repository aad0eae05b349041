import type { ComponentChildren, VNode } from 'preact';
import { useApp } from '../app-context.ts';
import type { Failure, ModelState, ModelSubject } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { WarningIcon } from './icons.tsx';
import { Progress } from './progress.tsx';
import { sayFailure } from './say-failure.ts';

/** What the model is doing now, in one card; nothing once it is ready. */
export function ModelStatus(): VNode | null {
  const { model } = useApp();
  const state = model.state.value;
  if (state.kind === 'ready') return null;
  return <section class="card model-status">{content(state, useActions())}</section>;
}

interface Actions {
  readonly pause: () => void;
  readonly resume: () => void;
  readonly back: () => void;
}

function useActions(): Actions {
  const { model } = useApp();
  return { pause: model.pause, resume: () => void model.resume(), back: () => void model.openDefault() };
}

function content(state: Exclude<ModelState, { kind: 'ready' }>, actions: Actions): ComponentChildren {
  const text = TEXT.model;
  switch (state.kind) {
    case 'starting':
      return <p class="muted">{text.starting}</p>;
    case 'offered':
      return (
        <>
          <Heading subject={state.subject} />
          <p class="muted">{text.offered}</p>
          <Buttons>
            <Primary onClick={actions.resume}>{text.fetch}</Primary>
          </Buttons>
        </>
      );
    case 'arriving': {
      const progress = text.progress(state.loadedBytes, state.totalBytes);
      const note =
        state.retry === null ? text.verified : text.retrying(Math.round(state.retry.waitMs / 1000), state.retry.reason);
      return (
        <>
          <Heading subject={state.subject} />
          <Progress
            label={text.progressLabel}
            valueText={progress}
            value={state.loadedBytes}
            total={state.totalBytes}
          />
          <Buttons>
            <span class="figures grow">{progress}</span>
            <button type="button" onClick={actions.pause}>
              {text.pause}
            </button>
          </Buttons>
          <p class="muted small">{note}</p>
        </>
      );
    }
    case 'paused':
      return (
        <>
          <Heading subject={state.subject} />
          <Progress
            label={text.progressLabel}
            valueText={text.paused(state.loadedBytes)}
            value={state.loadedBytes}
            total={state.totalBytes}
          />
          <Buttons>
            <span class="figures grow">{text.paused(state.loadedBytes)}</span>
            <Primary onClick={actions.resume}>{text.resume}</Primary>
          </Buttons>
        </>
      );
    case 'loading':
      return (
        <>
          <Heading subject={state.subject} />
          <Progress
            label={text.loadingLabel}
            valueText={text.progress(state.loadedBytes, state.totalBytes)}
            value={state.loadedBytes}
            total={state.totalBytes}
          />
          <p class="muted small">
            {text.loading}
            {state.kernels !== null && ` ${text.kernels(state.kernels.done, state.kernels.total)}`}
          </p>
        </>
      );
    case 'failed':
      return (
        <>
          {state.subject && <Heading subject={state.subject} />}
          <FailureText failure={state.failure} />
          {state.loadedBytes > 0 && <p class="muted small figures">{text.kept(state.loadedBytes)}</p>}
          <Buttons>
            <Primary onClick={actions.resume}>{state.loadedBytes > 0 ? text.resume : text.tryAgain}</Primary>
            {state.subject?.origin.kind === 'file' && (
              <button type="button" onClick={actions.back}>
                {text.back}
              </button>
            )}
          </Buttons>
        </>
      );
    case 'removed':
      return (
        <>
          <Heading subject={state.subject} />
          <p class="muted">{text.removed}</p>
          <Buttons>
            <Primary onClick={actions.resume}>{text.fetchAgain}</Primary>
          </Buttons>
        </>
      );
  }
}

/** What happened and what to do, marked by an icon and by words, never by colour alone. */
export function FailureText({ failure }: { readonly failure: Failure }): VNode {
  const { what, advice, details } = sayFailure(failure);
  return (
    <div class="failure">
      <WarningIcon />
      <div>
        <p>{what}</p>
        <p>{advice}</p>
        <p class="muted small figures">
          {details !== null && (
            <>
              <span lang="en" dir="ltr">
                {details}
              </span>{' '}
            </>
          )}
          <span dir="ltr">({failure.code})</span>
        </p>
      </div>
    </div>
  );
}

function Heading({ subject }: { readonly subject: ModelSubject }): VNode {
  const { once, fromDisk } = TEXT.model;
  return (
    <header>
      <h3 class="model-name">{subject.name}</h3>
      <p class="muted">{subject.origin.kind === 'file' ? fromDisk(subject.size) : once(subject.size)}</p>
    </header>
  );
}

function Buttons({ children }: { readonly children: ComponentChildren }): VNode {
  return <div class="buttons">{children}</div>;
}

function Primary({ onClick, children }: { readonly onClick: () => void; readonly children: ComponentChildren }): VNode {
  return (
    <button type="button" class="primary" onClick={onClick}>
      {children}
    </button>
  );
}
