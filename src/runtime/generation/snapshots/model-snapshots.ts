import { SottoError } from '../../../shared/index.ts';
import type { SnapshotHead, SnapshotStore, StoredSnapshot } from '../../../storage/snapshots/index.ts';
import type { ReadText, ReadTexts } from '../session.ts';

/** Opens the store, or gives null where the browser offers no storage. */
export type OpenSnapshots = () => Promise<SnapshotStore | null>;

export interface ModelSnapshotsOptions {
  readonly open: OpenSnapshots;
  /** Names model, engine and page layout; worked out when it is first needed. */
  readonly binding: () => Promise<string>;
  /** Name of the model, for lists. */
  readonly model: string;
}

/** The stored texts of one loaded model. */
export class ModelSnapshots implements ReadTexts {
  readonly #options: ModelSnapshotsOptions;
  #binding: Promise<string> | undefined;

  constructor(options: ModelSnapshotsOptions) {
    this.#options = options;
  }

  /** What cannot be found, opened or trusted is read again: this never rejects. */
  async longest(prompt: readonly number[], held: number): Promise<ReadText | undefined> {
    try {
      const store = await this.#options.open();
      if (store === null || (await store.list()).length === 0) return undefined;
      const best = mostShared(await store.heads(await this.#bound()), prompt);
      if (best === undefined || best.shared <= held) return undefined;
      const { tokens, pages } = await store.read(best.head.id);
      return { tokens: [...tokens], pages };
    } catch {
      return undefined;
    }
  }

  /** Stores a text that was read. Rejects with `storage-unavailable`, `storage-full`, `storage-failed`. */
  async save(name: string, { tokens, pages }: ReadText): Promise<StoredSnapshot> {
    const store = await this.#options.open();
    if (store === null)
      throw new SottoError('storage-unavailable', 'The browser keeps nothing here, so no session either.');
    const { model } = this.#options;
    return store.write({ binding: await this.#bound(), name, model, tokens: Int32Array.from(tokens), pages });
  }

  #bound(): Promise<string> {
    this.#binding ??= this.#options.binding();
    this.#binding.catch(() => {
      this.#binding = undefined;
    });
    return this.#binding;
  }
}

function mostShared(heads: readonly SnapshotHead[], prompt: readonly number[]) {
  let best: { readonly head: SnapshotHead; readonly shared: number } | undefined;
  for (const head of heads) {
    let shared = 0;
    while (shared < head.tokens.length && head.tokens[shared] === prompt[shared]) shared += 1;
    if (best === undefined || shared > best.shared) best = { head, shared };
  }
  return best;
}
