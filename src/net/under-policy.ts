import { type Policy, permit, permitModel } from '../policy/index.ts';
import { type CatalogueEntry, type DownloadPort, type Envelope, settle } from '../protocol/index.ts';

/** The download worker's port before a policy stands over it. */
export type UngovernedPort = Omit<DownloadPort, 'hello' | 'policy' | 'permit' | 'knowledge'>;

/**
 * Puts the site's policy over the one thread that brings models, takes them in and gives them out. A policy that cannot be read
 * rejects every call but those that list, delete and stop.
 */
export function underPolicy(
  port: UngovernedPort,
  policy: () => Promise<Policy>,
): Omit<DownloadPort, 'hello' | 'knowledge'> {
  /** Runs a call once the check has passed. */
  const after = <T>(
    check: (policy: Policy) => void | Promise<void>,
    call: () => Promise<Envelope<T>>,
  ): Promise<Envelope<T>> => settle(async () => check(await policy())).then((passed) => (passed.ok ? call() : passed));
  const ofModel = (modelId: string) => (rules: Policy) => permitModel(rules, modelId);
  /** The name, and where the policy gives a hash the bytes that its manifest promises. */
  const ofBytes = (modelId: string) => async (rules: Policy) => {
    permitModel(rules, modelId);
    if (rules.models.allowed === null) return;
    const manifest = await port.manifest(modelId);
    // What keeps the manifest away keeps the download away too, and says so better.
    if (manifest.ok) permitModel(rules, modelId, manifest.value.file.sha256);
  };
  return {
    ...port,
    policy: () => settle(policy),
    permit: (what) =>
      settle(async () => {
        permit(await policy(), what);
        return null;
      }),
    catalogue: () =>
      settle(policy).then(async (rules) => {
        if (!rules.ok) return rules;
        const catalogue = await port.catalogue();
        return catalogue.ok ? { ...catalogue, value: allowedOf(rules.value, catalogue.value) } : catalogue;
      }),
    known: () =>
      settle(policy).then(async (rules) => {
        if (!rules.ok || rules.value.models.allowed === null) return rules.ok ? port.known() : rules;
        const known = await port.known();
        const { allowed } = rules.value.models;
        return known.ok
          ? { ...known, value: known.value.filter(({ id }) => allowed.some((model) => model.id === id)) }
          : known;
      }),
    adapterBytes: (adapter) =>
      after(
        (rules) => permit(rules, 'file'),
        () => port.adapterBytes(adapter),
      ),
    manifest: (modelId) =>
      settle(policy).then(async (rules) => {
        if (!rules.ok) return rules;
        const refused = await settle(() => permitModel(rules.value, modelId));
        if (!refused.ok) return refused;
        const manifest = await port.manifest(modelId);
        if (!manifest.ok) return manifest;
        const { value } = manifest;
        const { systemPrompt } = rules.value;
        return settle(() => {
          permitModel(rules.value, modelId, value.file.sha256);
          return systemPrompt === null ? value : { ...value, defaults: { ...value.defaults, systemPrompt } };
        });
      }),
    download: (callId, modelId, onEvent) => after(ofBytes(modelId), () => port.download(callId, modelId, onEvent)),
    repair: (callId, modelId, onEvent) => after(ofBytes(modelId), () => port.repair(callId, modelId, onEvent)),
    blob: (modelId) => after(ofModel(modelId), () => port.blob(modelId)),
    files: (modelId) => after(ofModel(modelId), () => port.files(modelId)),
    changes: (callId, modelId) => after(ofModel(modelId), () => port.changes(callId, modelId)),
    acceptChange: (modelId, edition) => after(ofModel(modelId), () => port.acceptChange(modelId, edition)),
    importFiles: (callId, files, trust, onEvent) =>
      after(
        (rules) => permit(rules, 'file'),
        () => port.importFiles(callId, files, trust, onEvent),
      ),
    exportModel: (modelId, form) =>
      after(
        (rules) => permit(rules, 'export'),
        () => port.exportModel(modelId, form),
      ),
  };
}

/** What may run of what the site offers; the model that the policy names comes first. */
function allowedOf({ models }: Policy, catalogue: readonly CatalogueEntry[]): readonly CatalogueEntry[] {
  const { allowed, default: first } = models;
  const entries = catalogue.filter(({ id }) => allowed === null || allowed.some((model) => model.id === id));
  return [...entries].sort((a, b) => Number(b.id === first) - Number(a.id === first));
}
