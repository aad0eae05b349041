import { SottoError } from '../shared/index.ts';
import type { Feature, Policy } from './policy.ts';

/** `file`: a model's file from the person's own disk. `openVault`: keeping what is written in the clear. */
export type Ability = Feature | 'file' | 'openVault';

const REFUSALS: Readonly<Record<Ability, string>> = {
  import: 'Bringing files in is switched off',
  export: 'Taking data out is switched off',
  tools: 'Tools are switched off',
  documents: 'Documents are switched off',
  temporaryChat: 'Temporary chats are switched off',
  file: 'Models from files on disk are ruled out',
  openVault: 'Keeping chats without a passphrase is ruled out',
};

export function isPermitted(policy: Policy, what: Ability): boolean {
  if (what === 'openVault') return policy.vault !== 'required';
  return what === 'file' ? policy.features.import && policy.models.allowed === null : policy.features[what];
}

/** Throws `blocked-by-policy` where the ability is off. */
export function permit(policy: Policy, what: Ability): void {
  if (!isPermitted(policy, what)) throw blocked(policy, REFUSALS[what], what);
}

/**
 * Throws `blocked-by-policy` where a model may not run.
 *
 * @param sha256 Hash of its file as the manifest publishes it; undefined: only the name is asked for.
 */
export function permitModel(policy: Policy, modelId: string, sha256?: string): void {
  const { allowed } = policy.models;
  if (allowed === null) return;
  const entry = allowed.find(({ id }) => id === modelId);
  if (entry === undefined) throw blocked(policy, `The model "${modelId}" is ruled out`, modelId);
  if (sha256 === undefined || entry.sha256 === null || entry.sha256 === sha256) return;
  throw blocked(policy, `The file of "${modelId}" is not the allowed one, and is ruled out`, modelId);
}

function blocked({ organisation }: Policy, what: string, subject: string): SottoError {
  const who = organisation === '' ? 'this site’s policy' : `the policy of ${organisation}`;
  return new SottoError('blocked-by-policy', `${what} by ${who}.`, { details: { subject } });
}
