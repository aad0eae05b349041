import { useComputed } from '@preact/signals';
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Message } from '../../storage/chats/index.ts';
import { useApp } from '../app-context.ts';
import { memo } from '../memo.ts';
import { countBranches, subjectOf } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { type MessageActions, MessageView } from './message-view.tsx';

/** The branch on the screen. While an answer grows only that answer is drawn again, however long the chat is. */
export function MessageList(): VNode {
  const { chat, model } = useApp();
  const settled = useStable(useComputed(() => settledOf(chat.branch.value, chat.open.value.writing?.id)).value);
  const branches = useComputed(() => branchKeys(chat.open.value.messages)).value;
  const modelName = subjectOf(model.state.value)?.name ?? TEXT.name;
  const actions = useMemo(
    (): MessageActions => ({
      retry: (id) => void chat.retry(id),
      edit: (id, text) => void chat.edit(id, text),
      goOn: () => void chat.goOn(),
      remove: chat.removeMessage,
      selectBranch: chat.selectBranch,
    }),
    [chat],
  );
  return (
    <ol class="turns">
      <Settled
        messages={settled}
        branchKeys={branches}
        unsaved={chat.keeper.unsaved.value}
        hasSaveFailed={chat.keeper.saving.value.kind === 'unsaved'}
        hasLive={chat.isAnswering.value}
        modelName={modelName}
        readFrom={chat.outline.value.readFrom}
        actions={actions}
      />
      <Live modelName={modelName} actions={actions} />
    </ol>
  );
}

interface SettledProps {
  readonly messages: readonly Message[];
  readonly branchKeys: string;
  readonly unsaved: ReadonlySet<string>;
  readonly hasSaveFailed: boolean;
  readonly hasLive: boolean;
  readonly modelName: string;
  /** The message from which on the model reads; null: all of them. */
  readonly readFrom: string | null;
  readonly actions: MessageActions;
}

const Settled = memo((props: SettledProps): VNode => {
  const { messages, unsaved, hasSaveFailed, hasLive, modelName, readFrom, actions } = props;
  const { chat } = useApp();
  const branches = countBranches(chat.open.peek().messages);
  return (
    <>
      {messages.map((message, index) => {
        const ids = branches.get(message.id);
        const view = (
          <MessageView
            key={message.id}
            message={message}
            phase={null}
            isLast={!hasLive && index === messages.length - 1}
            isUnsaved={unsaved.has(message.id)}
            hasSaveFailed={hasSaveFailed}
            branch={(ids?.indexOf(message.id) ?? 0) + 1}
            branches={ids?.length ?? 1}
            modelName={modelName}
            actions={actions}
          />
        );
        return message.id === readFrom ? [<ContextBorder key="border" />, view] : view;
      })}
    </>
  );
});

/** Above it lies what the context had no room for. */
function ContextBorder(): VNode {
  return (
    <li class="context-border muted small">
      <span>{TEXT.conversation.readFrom}</span>
    </li>
  );
}

/** The answer that is being written. */
function Live({ modelName, actions }: Pick<SettledProps, 'modelName' | 'actions'>): VNode | null {
  const { chat } = useApp();
  const { writing, messages } = chat.open.value;
  const message = writing === null ? undefined : messages.get(writing.id);
  if (writing === null || message === undefined) return null;
  return (
    <MessageView
      key={message.id}
      message={message}
      phase={writing.phase}
      isLast
      isUnsaved
      hasSaveFailed={false}
      branch={1}
      branches={1}
      modelName={modelName}
      actions={actions}
    />
  );
}

function settledOf(branch: readonly Message[], writingId: string | undefined): readonly Message[] {
  return writingId === undefined ? branch : branch.filter(({ id }) => id !== writingId);
}

/** Which messages have branches beside them, as a value that compares. */
function branchKeys(messages: ReadonlyMap<string, Message>): string {
  return [...countBranches(messages).keys()].join(' ');
}

/** The list before where the new one holds the same messages: a list that is equal is not drawn again. */
function useStable(messages: readonly Message[]): readonly Message[] {
  const kept = useMemo(() => ({ messages }), []);
  const isSame =
    kept.messages.length === messages.length && messages.every((message, index) => message === kept.messages[index]);
  if (!isSame) kept.messages = messages;
  return kept.messages;
}
