import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { permit } from '../../policy/index.ts';
import type { Message } from '../../storage/chats/index.ts';
import { useApp } from '../app-context.ts';
import { type ChatArchive, exportJson, exportMarkdown, fileName, readImport } from '../exchange/index.ts';
import { FileButton, saveFile } from '../pages/index.ts';
import { type Failure, toFailure } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { FailureText } from './model-status.tsx';

const text = TEXT.exchange;

/** All chats out as a file, and chats of this and other programs in. */
export function ExchangeSection(): VNode {
  const { library, policy } = useApp();
  const failure = useSignal<Failure | null>(null);
  const outcome = useSignal('');

  const guarded = async (work: () => Promise<void>) => {
    failure.value = null;
    outcome.value = '';
    try {
      await work();
    } catch (error) {
      failure.value = toFailure(error);
    }
  };
  const exportAll = (kind: 'json' | 'md') =>
    guarded(async () => {
      permit(policy, 'export');
      const archives = await allArchives(library);
      const content = kind === 'json' ? exportJson(archives) : exportMarkdown(archives);
      saveFile(fileName('sotto-chats', kind), kind === 'json' ? 'application/json' : 'text/markdown', content);
      outcome.value = text.exported(archives.length);
    });
  const importFile = (file: File) =>
    guarded(async () => {
      permit(policy, 'import');
      const plan = await readImport(file);
      const isNew = ({ chat }: ChatArchive) => !library.chats.value.some(({ id }) => id === chat.id);
      const fresh = plan.archives.filter(isNew);
      let activity = library.nextActivity();
      const chats = [...fresh]
        .sort((a, b) => a.chat.updatedAt - b.chat.updatedAt)
        .map(({ chat }) => ({ ...chat, activity: activity++ }));
      // One write: all that is to come in comes in, or nothing does.
      if (fresh.length > 0) await library.save({ chats, messages: fresh.flatMap(({ messages }) => messages) });
      outcome.value = text.imported(fresh.length, plan.archives.length - fresh.length, plan.refused);
    });
  return (
    <>
      <div class="buttons">
        {policy.features.export && (
          <>
            <button type="button" onClick={() => void exportAll('json')}>
              {text.exportJson}
            </button>
            <button type="button" onClick={() => void exportAll('md')}>
              {text.exportMarkdown}
            </button>
          </>
        )}
        {policy.features.import && (
          <FileButton
            label={text.import}
            accept=".json,.zip,application/json,application/zip"
            onFiles={([file]) => {
              if (file !== undefined) void importFile(file);
            }}
          />
        )}
      </div>
      {policy.features.import && <p class="muted small">{text.importHint}</p>}
      {failure.value !== null && <FailureText failure={failure.value} />}
      <p role="status">{outcome.value}</p>
    </>
  );
}

async function allArchives(library: ReturnType<typeof useApp>['library']): Promise<readonly ChatArchive[]> {
  const messages = await library.store.allMessages();
  const byChat = new Map<string, Message[]>(library.chats.value.map(({ id }) => [id, []]));
  for (const message of messages) byChat.get(message.chatId)?.push(message);
  return library.chats.value.map((chat) => ({ chat, messages: byChat.get(chat.id) ?? [] }));
}

/** The open chat as a file: to keep, to read elsewhere, to show to somebody. */
export function ShareChat(): VNode | null {
  const { chat, policy } = useApp();
  if (!policy.features.export) return null;
  const share = async (kind: 'html' | 'md' | 'json') => {
    const { chat: record, messages } = chat.open.value;
    const archive = { chat: record, messages: [...messages.values()] };
    const name = fileName(record.title, kind);
    if (kind === 'json') return saveFile(name, 'application/json', exportJson([archive]));
    if (kind === 'md') return saveFile(name, 'text/markdown', exportMarkdown([archive]));
    const { exportHtml } = await import('../exchange/export-html.tsx');
    return saveFile(name, 'text/html', exportHtml(archive));
  };
  return (
    <section class="panel-section">
      <h3>{text.share}</h3>
      <p class="muted small">{text.shareHint}</p>
      <div class="buttons">
        <button type="button" onClick={() => void share('html')}>
          {text.html}
        </button>
        <button type="button" onClick={() => void share('md')}>
          Markdown
        </button>
        <button type="button" onClick={() => void share('json')}>
          JSON
        </button>
      </div>
    </section>
  );
}
