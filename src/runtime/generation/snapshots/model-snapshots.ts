import type { RefusedReading } from '../../../protocol/index.ts';
import { SottoError } from '../../../shared/index.ts';
import type { SnapshotHead, SnapshotStore, StoredSnapshot } from '../../../storage/snapshots/index.ts';
import type { ReadText, ReadTexts } from '../session.ts';

/** Opens the store, or gives null where the browser offers no storage. */
export type OpenSnapshots = () => Promise<SnapshotStore | null>;

/** To what a text that was read belongs: three names, none of which holds a blank. */
export interface Binding {
  /** The model's content. */
  readonly model: string;
  /** The sources of the engines. */
  readonly version: string;
  /** Which engine, and how it holds keys and values. */
  readonly engine: string;
}

export interface ModelSnapshotsOptions {
  readonly open: OpenSnapshots;
  /** Worked out when it is first needed. */
  readonly binding: () => Promise<Binding>;
  /** Name of the model, for lists. */
  readonly model: string;
}

/** The stored texts of one loaded model. */
export class ModelSnapshots implements ReadTexts {
  readonly #options: ModelSnapshotsOptions;
  #binding: Promise<Binding> | undefined;

  constructor(options: ModelSnapshotsOptions) {
    this.#options = options;
  }

  /** What cannot be found, opened or trusted is read again: this never rejects. */
  async longest(prompt: readonly number[], held: number): Promise<ReadText | RefusedReading | undefined> {
    try {
      const store = await this.#options.open();
      if (store === null || (await store.list()).length === 0) return undefined;
      const bound = await this.#bound();
      const binding = nameOf(bound);
      const heads = await store.heads(`${bound.model} `);
      const own = mostShared(
        heads.filter((head) => head.binding === binding),
        prompt,
      );
      if (own !== undefined && own.shared > held) {
        const { tokens, pages } = await store.read(own.head.id);
        return { tokens: [...tokens], pages };
      }
      const foreign = mostShared(heads, prompt);
      // No engine of this build can ever use what another build has read.
      for (const head of heads) if (head.binding.split(' ')[1] !== bound.version) await store.remove(head.id);
      return foreign !== undefined && foreign.shared > held ? 'other-engine' : undefined;
    } catch (error) {
      return SottoError.isInstance(error) && error.code === 'snapshot-damaged' ? 'damaged' : undefined;
    }
  }

  /** Stores a text that was read. Rejects with `storage-unavailable`, `storage-full`, `storage-failed`. */
  async save(name: string, { tokens, pages }: ReadText): Promise<StoredSnapshot> {
    const store = await this.#options.open();
    if (store === null)
      throw new SottoError('storage-unavailable', 'The browser keeps nothing here, so no session either.');
    const { model } = this.#options;
    return store.write({ binding: nameOf(await this.#bound()), name, model, tokens: Int32Array.from(tokens), pages });
  }

  #bound(): Promise<Binding> {
    this.#binding ??= this.#options.binding();
    this.#binding.catch(() => {
      this.#binding = undefined;
    });
    return this.#binding;
  }
}

const nameOf = ({ model, version, engine }: Binding) => `${model} ${version} ${engine}`;

function mostShared(heads: readonly SnapshotHead[], prompt: readonly number[]) {
  let best: { readonly head: SnapshotHead; readonly shared: number } | undefined;
  for (const head of heads) {
    let shared = 0;
    while (shared < head.tokens.length && head.tokens[shared] === prompt[shared]) shared += 1;
    if (best === undefined || shared > best.shared) best = { head, shared };
  }
  return best;
}
