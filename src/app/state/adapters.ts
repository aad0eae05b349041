import { type ReadyModel, SottoError } from '../../client/index.ts';
import type { RecordStore } from '../../storage/records/index.ts';
import type { Engine } from '../engine.ts';

const KIND = 'adapter';
const VERSION = 1;

/** Larger than any adapter of the models that run here; what is kept is read as a whole. */
const MOST_BYTES = 256 * 2 ** 20;

const GGUF_MAGIC = 'GGUF';

/** Adapters (LoRA) of personas: kept with the person's own records, and read beside a model when an answer asks for one. */
export interface Adapters {
  /** Keeps a file; resolves with the id it has from now on. Rejects with `gguf-invalid`, `model-too-large`, `storage-*`. */
  add(file: File): Promise<string>;
  remove(id: string): Promise<void>;
  /** Makes sure that the loaded model has it. Rejects with `model-files-missing` where it is gone, or as `loadAdapter` does. */
  use(id: string, model: ReadyModel, signal: AbortSignal): Promise<void>;
}

export function createAdapters(engine: Pick<Engine, 'models'>, records: RecordStore): Adapters {
  /** Of this load of a model: another one has read none. */
  let loaded: { readonly model: ReadyModel; readonly ids: Set<string> } | null = null;
  return {
    async add(file) {
      const magic = await file.slice(0, 4).text();
      if (magic !== GGUF_MAGIC) throw new SottoError('gguf-invalid', `"${file.name}" is not a GGUF file.`);
      if (file.size > MOST_BYTES) {
        throw new SottoError(
          'model-too-large',
          `"${file.name}" has ${file.size} bytes; an adapter may have ${MOST_BYTES}.`,
        );
      }
      const id = crypto.randomUUID();
      const value = new Uint8Array(await file.arrayBuffer());
      await records.write([{ kind: KIND, id, version: VERSION, value }]);
      return id;
    },
    remove: (id) => records.write([{ kind: KIND, id, version: VERSION, value: undefined }]),
    async use(id, model, signal) {
      if (loaded?.model !== model) loaded = { model, ids: new Set() };
      const { ids } = loaded;
      if (ids.has(id)) return;
      const value = (await records.read(KIND, id))?.value;
      if (!(value instanceof Uint8Array)) {
        throw new SottoError(
          'model-files-missing',
          'The adapter of this persona is no longer here. Choose its file again.',
        );
      }
      await engine.models.loadAdapter(id, new Blob([value as Uint8Array<ArrayBuffer>]), { signal });
      ids.add(id);
    },
  };
}
