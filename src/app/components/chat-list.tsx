import { useSignal, useSignalEffect } from '@preact/signals';
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { Chat } from '../../storage/chats/index.ts';
import { useApp } from '../app-context.ts';
import type { SearchHit } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { FolderIcon, PinIcon, SearchIcon, WarningIcon } from './icons.tsx';
import { sayFailure } from './say-failure.ts';

const text = TEXT.chats;

/** All chats with a search over every word of them. `onOpen` is told when one was chosen. */
export function ChatList({ onOpen }: { readonly onOpen?: () => void }): VNode {
  const { library } = useApp();
  const query = useSignal('');
  const hits = useSignal<readonly SearchHit[] | null>(null);
  const searchId = useId();

  useSignalEffect(() => {
    const asked = query.value.trim();
    // Read here too, so that a chat that changed is found anew.
    const chats = library.chats.value;
    if (asked === '' || chats.length === 0) {
      hits.value = null;
      return;
    }
    const show = (found: readonly SearchHit[]) => {
      if (query.peek().trim() === asked) hits.value = found;
    };
    library.search(asked).then(show, () => show([]));
  });

  const chats = library.chats.value;
  return (
    <div class="chat-list">
      <div class="search">
        <SearchIcon />
        <label class="visually-hidden" for={searchId}>
          {text.search}
        </label>
        <input
          id={searchId}
          type="search"
          dir="auto"
          autocomplete="off"
          placeholder={text.search}
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
      </div>
      <Problems />
      <p class="visually-hidden" role="status">
        {hits.value === null ? '' : text.found(hits.value.length)}
      </p>
      {hits.value !== null ? (
        <Hits hits={hits.value} onOpen={onOpen} />
      ) : chats.length === 0 ? (
        <p class="muted small">{text.none}</p>
      ) : (
        <Groups chats={chats} onOpen={onOpen} />
      )}
    </div>
  );
}

function Problems(): VNode | null {
  const { library } = useApp();
  const { setAside, newer } = library.problems.value;
  const failure = library.failure.value;
  if (failure === null && setAside + newer === 0) return null;
  return (
    <div class="list-problem small" role="status">
      <WarningIcon />
      <div>
        {failure !== null && (
          <p>
            {text.failed} {sayFailure(failure).what} {sayFailure(failure).advice}
          </p>
        )}
        {setAside > 0 && <p>{text.setAside(setAside)}</p>}
        {newer > 0 && <p>{text.newer(newer)}</p>}
      </div>
    </div>
  );
}

interface Grouped {
  readonly name: string;
  readonly chats: readonly Chat[];
}

/** Pinned chats, then folders by name, then the rest. */
function groupsOf(chats: readonly Chat[]): readonly Grouped[] {
  const pinned = chats.filter(({ isPinned }) => isPinned);
  const rest = chats.filter(({ isPinned }) => !isPinned);
  const folders = [...new Set(rest.map(({ folder }) => folder).filter(Boolean))].sort((a, b) => a.localeCompare(b));
  return [
    { name: text.pinned, chats: pinned },
    ...folders.map((name) => ({ name, chats: rest.filter(({ folder }) => folder === name) })),
    { name: '', chats: rest.filter(({ folder }) => folder === '') },
  ].filter((group) => group.chats.length > 0);
}

function Groups({ chats, onOpen }: { readonly chats: readonly Chat[]; readonly onOpen?: (() => void) | undefined }) {
  return (
    <nav aria-label={text.list}>
      {groupsOf(chats).map(({ name, chats: group }) => (
        <section key={name}>
          {name !== '' && <h3 class="group-name">{name}</h3>}
          <ul class="chat-items">
            {group.map((chat) => (
              <Item key={chat.id} chat={chat} folder={chat.isPinned ? chat.folder : ''} onOpen={onOpen} />
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function Hits({ hits, onOpen }: { readonly hits: readonly SearchHit[]; readonly onOpen?: (() => void) | undefined }) {
  const { library } = useApp();
  if (hits.length === 0) return <p class="muted small">{text.notFound}</p>;
  return (
    <nav aria-label={text.list}>
      <ul class="chat-items">
        {hits.map(({ chatId, excerpt, messageId }) => {
          const chat = library.chats.value.find(({ id }) => id === chatId);
          if (chat === undefined) return null;
          const { folder } = chat;
          return (
            <Item key={chatId} chat={chat} folder={folder} excerpt={excerpt} messageId={messageId} onOpen={onOpen} />
          );
        })}
      </ul>
    </nav>
  );
}

interface ItemProps {
  readonly chat: Chat;
  /** Where it lies, unless that stands above it. */
  readonly folder: string;
  readonly excerpt?: string;
  readonly messageId?: string | null;
  readonly onOpen?: (() => void) | undefined;
}

function Item({ chat, folder, excerpt = '', messageId = null, onOpen }: ItemProps): VNode {
  const { chat: controller } = useApp();
  const isOpen = controller.outline.value.chat.id === chat.id;
  const open = async () => {
    onOpen?.();
    await controller.openChat(chat.id);
    if (messageId !== null) controller.showMessage(messageId);
  };
  return (
    <li>
      <button type="button" class="chat-item" aria-current={isOpen ? 'page' : undefined} onClick={() => void open()}>
        <span class="chat-title" dir="auto">
          {chat.isPinned && <PinIcon />}
          {chat.title || text.untitled}
        </span>
        {excerpt !== '' && (
          <span class="excerpt muted small" dir="auto">
            {excerpt}
          </span>
        )}
        {folder !== '' && (
          <span class="folder muted small">
            <FolderIcon />
            <span class="visually-hidden">{text.folder}: </span>
            <bdi>{folder}</bdi>
          </span>
        )}
        {chat.tags.length > 0 && <span class="tags muted small">{chat.tags.map((tag) => `#${tag}`).join(' ')}</span>}
      </button>
    </li>
  );
}
