import { signal } from '@preact/signals';
import type { ExpertArtefact, ExpertComparison, ExpertVersion, LabelledRow, Sotto } from '../../client/index.ts';
import { SottoError } from '../../client/index.ts';
import { TEXT } from '../text.ts';
import { type DataState, idOf } from './data-state.ts';
import { createJob } from './job.ts';
import { ownKeys, trustedKeys, trustKey } from './keys.ts';
import type { TrainingState } from './training-state.ts';

/** How an expert from a file came out. */
export interface Imported {
  readonly expert: ExpertArtefact;
  readonly seal: 'none' | 'own' | 'trusted' | 'unknown';
}

/** The expert that was trained last, among the versions. */
export const TRAINED = 'trained';

/** Experts and their versions that this browser keeps. */
export function createKeptState(sotto: Sotto, data: DataState, training: TrainingState) {
  const versions = signal<readonly ExpertVersion[] | null>(null);
  const worse = signal<readonly LabelledRow[] | null>(null);
  const holdsAgainst = signal(true);
  const imported = signal<Imported | null>(null);
  const first = signal('');
  const second = signal(TRAINED);
  const comparison = signal<ExpertComparison | null>(null);
  const job = createJob();

  const load = async () => {
    try {
      versions.value = await sotto.experts.versions();
    } catch {
      versions.value = [];
    }
  };
  const keep = (expert: ExpertArtefact, isAllowedWorse: boolean) =>
    job.run(async ({ signal: stop }) => {
      worse.value = null;
      const chosen = first.value;
      // What it got right on rows that it had never seen is what later versions are held to; rows labelled since are not among them.
      const { right = [] } = training.trained.value ?? {};
      const regression = holdsAgainst.value ? right : [];
      try {
        const kept = await sotto.experts.keep(expert, { regression, allowWorse: isAllowedWorse }, { signal: stop });
        await load();
        // Ready to be compared, unless another was chosen meanwhile.
        if (first.value === chosen) first.value = keyOf(kept.expert);
        return TEXT.keptAs(kept.expert.id, kept.expert.version);
      } catch (error) {
        if (SottoError.isInstance(error) && error.code === 'expert-worse') {
          const before = await sotto.experts.get(expert.id, { signal: stop });
          worse.value = (await sotto.experts.compare(before, expert, regression, { signal: stop })).worse;
        }
        throw error;
      }
    });
  const keepTrained = (isAllowedWorse = false) => {
    const expert = training.trained.value?.expert;
    if (expert === undefined) return undefined;
    // The name may have been changed since it was trained.
    const { name } = data.choices.value;
    return keep({ ...expert, id: idOf(name), name: name.trim() || expert.name }, isAllowedWorse);
  };
  const artefactOf = (key: string): Promise<ExpertArtefact> => {
    const now = training.trained.value?.expert;
    if (key === TRAINED && now !== undefined) return Promise.resolve(now);
    const [id = '', version = ''] = key.split('@');
    return sotto.experts.get(id, { version: Number(version) });
  };
  const change = (work: () => Promise<string>) =>
    job.run(async () => {
      const said = await work();
      await load();
      return said;
    });
  return {
    versions,
    worse,
    holdsAgainst,
    imported,
    first,
    second,
    comparison,
    job,
    load,
    keepTrained,
    artefactOf,
    use: ({ id, version }: ExpertVersion) =>
      change(async () => {
        await sotto.experts.rollback(id, version);
        return TEXT.answersNow(id, version);
      }),
    remove: ({ id, version }: ExpertVersion) =>
      change(async () => {
        await sotto.experts.forget(id, { version });
        return TEXT.removed(id, version);
      }),
    compare: () =>
      job.run(async ({ signal: stop }) => {
        comparison.value = null;
        const [before, after] = [await artefactOf(first.value), await artefactOf(second.value)];
        const shared = data.sorted.value.heldOut.filter(
          ({ label }) => before.labels.includes(label) && after.labels.includes(label),
        );
        if (shared.length === 0) return TEXT.nothingShared;
        comparison.value = await sotto.experts.compare(before, after, shared, { signal: stop });
        return undefined;
      }),
    /** A file of it, signed with this browser's key where that is asked for. */
    fileOf: async (key: string, isSigned: boolean) => {
      const expert = await artefactOf(key);
      return sotto.experts.export(isSigned ? await sotto.experts.sign(expert, await ownKeys()) : expert);
    },
    read: (file: File) =>
      job.run(async () => {
        imported.value = null;
        const expert = await sotto.experts.import(file);
        const key = expert.signature?.publicKey;
        // A signature that does not fit is refused, whoever it claims to be of.
        if (key !== undefined) await sotto.experts.import(file, { trustedKeys: [key] });
        imported.value = { expert, seal: await sealOf(key) };
        return undefined;
      }),
    keepImported: (isTrusted: boolean) => {
      const { expert } = imported.value ?? {};
      if (expert === undefined) return;
      void change(async () => {
        if (isTrusted && expert.signature !== undefined) trustKey(expert.signature.publicKey);
        const kept = await sotto.experts.keep(expert);
        imported.value = null;
        return TEXT.keptAs(kept.expert.id, kept.expert.version);
      });
    },
  };
}

async function sealOf(key: string | undefined): Promise<Imported['seal']> {
  if (key === undefined) return 'none';
  if (trustedKeys().includes(key)) return 'trusted';
  const own = new Uint8Array(await crypto.subtle.exportKey('raw', (await ownKeys()).publicKey));
  return btoa(String.fromCharCode(...own)) === key ? 'own' : 'unknown';
}

export const keyOf = ({ id, version }: { readonly id: string; readonly version: number }) => `${id}@${version}`;

export type KeptState = ReturnType<typeof createKeptState>;
