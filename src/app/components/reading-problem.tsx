import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { exportJson, fileName } from '../exchange/index.ts';
import { saveFile } from '../pages/index.ts';
import { TEXT } from '../text.ts';
import { WarningIcon } from './icons.tsx';
import { FailureText } from './model-status.tsx';

const text = TEXT.conversation;

/** What of the open chat could not be read, and what can be done about it. */
export function ReadingProblem(): VNode | null {
  const { chat, policy } = useApp();
  const { problem } = chat.outline.value;
  if (problem === null) return null;
  if (problem.kind === 'failed') {
    return (
      <section class="card" role="alert">
        <h3>{text.unreadable}</h3>
        <FailureText failure={problem.failure} />
        <div class="buttons">
          <button type="button" class="primary" onClick={() => void chat.readAgain()}>
            {text.readAgain}
          </button>
        </div>
      </section>
    );
  }
  const save = () => {
    const { chat: record, messages } = chat.open.peek();
    const archive = { chat: record, messages: [...messages.values()] };
    saveFile(fileName(record.title, 'json'), 'application/json', exportJson([archive]));
  };
  return (
    <div class="notice warning" role="status">
      <WarningIcon />
      <div class="notice-text">
        {text.partlyRead(problem.unreadable)}
        {policy.features.export && (
          <button type="button" onClick={save}>
            {text.saveReadable}
          </button>
        )}
      </div>
    </div>
  );
}
