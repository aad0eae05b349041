import { type DownloadPort, settle } from '../protocol/index.ts';
import { systemClock } from '../shared/index.ts';
import { createIdbPinStore, openWeightPlaces } from '../storage/index.ts';
import { createAllowedFetch } from './allowed-fetch.ts';
import { createDownloadService } from './download-service.ts';
import { cachedPacks, fetchKnowledge } from './knowledge.ts';
import { once } from './once.ts';
import { cachedPolicy, createPolicySource } from './policy-source.ts';
import { underPolicy } from './under-policy.ts';

export interface DownloadPlace {
  /** The app's folder, where its policy and `models/` lie. */
  readonly base: URL;
  /** Public key that the site's policy must be signed with; empty: none. */
  readonly policyKey: string;
}

/** Everything the download thread answers with, under the policy of the site. */
export function createDownloadPort({ base, policyKey }: DownloadPlace): Omit<DownloadPort, 'hello'> {
  const policyUrl = new URL('sotto.policy.json', base);
  const policy = createPolicySource({
    url: policyUrl,
    fetch: createAllowedFetch([policyUrl.origin]),
    clock: systemClock,
    memory: cachedPolicy(policyUrl),
    pinnedKey: policyKey,
  });
  const places = once(openWeightPlaces);
  const service = createDownloadService({
    catalogueUrl: new URL('models/catalogue.json', base),
    openStore: async () => (await places()).store,
    choices: async () => (await places()).choices,
    moveTo: async (medium, options) => (await places()).moveTo(medium, options),
    pins: createIdbPinStore(),
    channel: new BroadcastChannel('sotto-models'),
    estimate: async () => (await navigator.storage?.estimate?.()) ?? {},
    mirrors: async () => (await policy()).models.mirrors,
  });
  const knowledge = {
    fetch: createAllowedFetch(async () => [
      base.origin,
      ...(await policy()).widget.knowledge.map(({ url }) => new URL(url, base).origin),
    ]),
    clock: systemClock,
    policy,
    base,
    memory: cachedPacks(),
  };
  return {
    ...underPolicy(service, policy),
    knowledge: (address) => settle(() => fetchKnowledge(knowledge, address, new AbortController().signal)),
  };
}
