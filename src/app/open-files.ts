import type { Signal } from '@preact/signals';
import type { Ability } from '../policy/index.ts';
import type { Panel } from './app-context.ts';
import type { ChatController, DocumentsController, ModelController } from './state/index.ts';
import { TEXT } from './text.ts';

interface Targets {
  readonly model: Pick<ModelController, 'openFiles'>;
  readonly documents: Pick<DocumentsController, 'add'>;
  readonly chat: Pick<ChatController, 'open' | 'change'>;
  readonly panel: Signal<Panel | null>;
  readonly dropped: Signal<readonly File[] | null>;
  readonly permitted: (what: Ability) => boolean;
}

/** What is stored as a model rather than run from where it lies: packs, and folders of models. */
const FOR_THE_LIBRARY = /\.(sotto|safetensors|onnx)$/i;

/** GGUF files by their name, and the blobs that Ollama keeps, which have their hash for a name and no ending. */
const MODEL = /\.gguf$|(?:^|\/)sha256[-:][0-9a-f]{64}$/i;

/**
 * Files that were dropped, shared or opened with this app: a GGUF file is run, a pack or a folder of a model is stored (so is
 * whatever is dropped on the panel of models), everything else is read as documents.
 */
export function openFiles(
  files: readonly File[],
  { model, documents, chat, panel, dropped, permitted }: Targets,
): void {
  if (panel.value === 'models' || files.some(({ name }) => FOR_THE_LIBRARY.test(name))) {
    if (!permitted('file')) return;
    dropped.value = files;
    panel.value = 'models';
    return;
  }
  const models = files.filter(({ name }) => MODEL.test(name));
  const readable = files.filter((file) => !models.includes(file));
  if (models.length > 0 && permitted('file')) {
    panel.value = null;
    void model.openFiles(models);
  }
  if (readable.length === 0 || !permitted('documents')) return;
  const collection = TEXT.documents.defaultCollection;
  const { collections } = chat.open.value.chat;
  if (!collections.includes(collection)) chat.change({ collections: [...collections, collection] });
  panel.value = 'documents';
  void documents.add(readable, collection);
}
