import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import type { Message } from '../../storage/chats/index.ts';
import { memo } from '../memo.ts';
import { MarkdownLater, visibleText } from '../render/index.ts';
import { canRetry, failureOf, splitThinking, withoutThinking } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { CopyButton } from './copy-button.tsx';
import { DeleteMessage } from './delete-message.tsx';
import { IconButton } from './icon-button.tsx';
import { ContinueIcon, EditIcon, NextIcon, PreviousIcon, RetryIcon, SealIcon, WarningIcon } from './icons.tsx';
import { MessageEditor } from './message-editor.tsx';
import { FailureText } from './model-status.tsx';
import { Cited, Sources } from './sources.tsx';

/** What can be done with a message; the same object for all of them, so that none is drawn again for it. */
export interface MessageActions {
  readonly retry: (id: string) => void;
  readonly edit: (id: string, text: string) => void;
  readonly goOn: () => void;
  readonly remove: (id: string) => void;
  readonly selectBranch: (id: string, step: 1 | -1) => void;
}

export interface MessageProps {
  readonly message: Message;
  /** While it is being written: what the model does. */
  readonly phase: 'reading' | 'writing' | null;
  readonly isLast: boolean;
  /** Not on the disk as it is shown. */
  readonly isUnsaved: boolean;
  /** Writing it failed: a warning, where a write that is on its way is none. */
  readonly hasSaveFailed: boolean;
  /** 1-based place among its branches. */
  readonly branch: number;
  readonly branches: number;
  readonly modelName: string;
  readonly actions: MessageActions;
}

/** A question or an answer. Messages that did not change are not drawn again while the last one grows. */
export const MessageView = memo((props: MessageProps): VNode => {
  const { message, isUnsaved, phase } = props;
  const isEditing = useSignal(false);
  const body = isEditing.value ? (
    <MessageEditor
      text={message.text}
      isQuestion={message.role === 'user'}
      onCancel={() => {
        isEditing.value = false;
      }}
      onDone={(text) => {
        isEditing.value = false;
        props.actions.edit(message.id, text);
      }}
    />
  ) : message.role === 'user' ? (
    <Question {...props} onEdit={() => (isEditing.value = true)} />
  ) : (
    <Answer {...props} onEdit={() => (isEditing.value = true)} />
  );
  return (
    <li class={`turn ${message.role}`} id={`message-${message.id}`} data-saved={!isUnsaved && phase === null}>
      {body}
    </li>
  );
});

type BodyProps = MessageProps & { readonly onEdit: () => void };

function Question({ message, onEdit, ...rest }: BodyProps): VNode {
  return (
    <>
      <article class="question" aria-label={TEXT.conversation.you}>
        <p class="plain" dir="auto">
          {visibleText(message.text)}
        </p>
      </article>
      <footer class="message-foot question-foot">
        <Unsaved {...rest} />
        <BranchSwitch message={message} {...rest} />
        <IconButton label={TEXT.conversation.edit} onClick={onEdit}>
          <EditIcon />
        </IconButton>
        <CopyButton text={message.text} label={TEXT.conversation.copyMessage} />
        <DeleteMessage id={message.id} onDelete={rest.actions.remove} />
      </footer>
    </>
  );
}

function Answer({ message, phase, modelName, onEdit, ...rest }: BodyProps): VNode {
  const { text, state } = message;
  const { thought, speech, isThinking } = splitThinking(text);
  const isWriting = phase !== null;
  return (
    <article class="answer" aria-label={message.model ?? modelName} aria-busy={isWriting}>
      {phase === 'reading' && text === '' && (
        <p class="reading muted">
          <SealIcon /> {TEXT.answer.reading}
        </p>
      )}
      {thought !== '' && (
        <details class="thought">
          <summary>{isThinking && isWriting ? TEXT.answer.thinking : TEXT.answer.thought}</summary>
          <p class="plain" dir="auto">
            {visibleText(thought)}
          </p>
        </details>
      )}
      {speech !== '' && (
        <Cited citations={message.citations}>
          <MarkdownLater text={speech} />
        </Cited>
      )}
      {!isWriting && <Sources citations={message.citations} />}
      {!isWriting && state.kind === 'failed' && <FailureText failure={failureOf(state)} />}
      {!isWriting && <AnswerFoot message={message} onEdit={onEdit} {...rest} />}
    </article>
  );
}

function AnswerFoot({ message, isLast, actions, onEdit, ...rest }: Omit<BodyProps, 'phase' | 'modelName'>): VNode {
  const { state, id } = message;
  const said = withoutThinking(message.text);
  const failed = state.kind === 'failed';
  const retry = () => actions.retry(id);
  return (
    <footer class="message-foot answer-foot">
      {failed && isLast && canRetry(failureOf(state)) && (
        <button type="button" class="primary" onClick={retry}>
          <RetryIcon />
          {TEXT.answer.retry}
        </button>
      )}
      {said !== '' && <CopyButton text={said} label={TEXT.answer.copy} />}
      {!failed && (
        <IconButton label={TEXT.answer.another} onClick={retry}>
          <RetryIcon />
        </IconButton>
      )}
      {isLast && said !== '' && state.kind !== 'finished' && (
        <IconButton label={TEXT.answer.goOn} onClick={actions.goOn}>
          <ContinueIcon />
        </IconButton>
      )}
      {said !== '' && (
        <IconButton label={TEXT.conversation.edit} onClick={onEdit}>
          <EditIcon />
        </IconButton>
      )}
      <DeleteMessage id={id} onDelete={actions.remove} />
      <BranchSwitch message={message} actions={actions} {...rest} />
      <Unsaved {...rest} />
      <AnswerEnd message={message} />
    </footer>
  );
}

/** How the answer ended, and how fast it was written. */
function AnswerEnd({ message }: { readonly message: Message }): VNode {
  const { state, tokens, tokensPerSecond } = message;
  return (
    <>
      {state.kind === 'stopped' && <span class="muted small">{TEXT.answer.stopped}</span>}
      {state.kind === 'length' && <span class="muted small">{TEXT.answer.lengthReached}</span>}
      {tokens !== null && tokensPerSecond !== null && (
        <span class="muted small figures">{TEXT.answer.timing(tokensPerSecond, tokens)}</span>
      )}
    </>
  );
}

function Unsaved({ isUnsaved, hasSaveFailed }: Pick<MessageProps, 'isUnsaved' | 'hasSaveFailed'>): VNode | null {
  return isUnsaved && hasSaveFailed ? (
    <span class="unsaved small">
      <WarningIcon />
      {TEXT.conversation.unsaved}
    </span>
  ) : null;
}

type BranchProps = Pick<MessageProps, 'message' | 'branch' | 'branches' | 'actions'>;

function BranchSwitch({ message, branch, branches, actions }: BranchProps): VNode | null {
  if (branches < 2) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form
    <span class="branches" role="group" aria-label={TEXT.conversation.branchLabel}>
      <IconButton
        label={TEXT.conversation.previousBranch}
        isOff={branch <= 1}
        onClick={() => actions.selectBranch(message.id, -1)}
      >
        <PreviousIcon />
      </IconButton>
      <span class="muted small figures">{TEXT.conversation.branch(branch, branches)}</span>
      <IconButton
        label={TEXT.conversation.nextBranch}
        isOff={branch >= branches}
        onClick={() => actions.selectBranch(message.id, 1)}
      >
        <NextIcon />
      </IconButton>
    </span>
  );
}
