import type { Signal } from '@preact/signals';
import type { Panel } from './app-context.ts';
import type { ChatController, DocumentsController, ModelController } from './state/index.ts';
import { TEXT } from './text.ts';

interface Targets {
  readonly model: Pick<ModelController, 'openFiles'>;
  readonly documents: Pick<DocumentsController, 'add'>;
  readonly chat: Pick<ChatController, 'open' | 'change'>;
  readonly panel: Signal<Panel | null>;
}

/** Files that were dropped, shared or opened with this app: a model is run, everything else is read as documents. */
export function openFiles(files: readonly File[], { model, documents, chat, panel }: Targets): void {
  const models = files.filter(({ name }) => /\.gguf$/i.test(name));
  const readable = files.filter((file) => !models.includes(file));
  if (models.length > 0) {
    panel.value = null;
    void model.openFiles(models);
  }
  if (readable.length === 0) return;
  const collection = TEXT.documents.defaultCollection;
  const { collections } = chat.open.value.chat;
  if (!collections.includes(collection)) chat.change({ collections: [...collections, collection] });
  panel.value = 'documents';
  void documents.add(readable, collection);
}
