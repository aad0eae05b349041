import {
  cachedPacks,
  cachedPolicy,
  createAllowedFetch,
  createDownloadService,
  createPolicySource,
  fetchKnowledge,
  underPolicy,
} from '../src/net/index.ts';
import { type DownloadPort, exposePort, settle } from '../src/protocol/index.ts';
import { systemClock } from '../src/shared/index.ts';
import { createIdbPinStore, openWeightStore } from '../src/storage/index.ts';

/** Public key that the site's policy must be signed with; set when the product is built, not there in tests. */
declare const SOTTO_POLICY_KEY: string | undefined;

// Worker scripts lie one folder below the app's base: workers/ in the source tree, assets/ in the build. models/ lies beside.
const catalogueUrl = new URL('../models/catalogue.json', self.location.href);
const policyUrl = new URL('../sotto.policy.json', self.location.href);

const policy = createPolicySource({
  url: policyUrl,
  fetch: createAllowedFetch([policyUrl.origin]),
  clock: systemClock,
  memory: cachedPolicy(policyUrl),
  pinnedKey: typeof SOTTO_POLICY_KEY === 'string' ? SOTTO_POLICY_KEY : '',
});
const service = createDownloadService({
  catalogueUrl,
  openStore: openWeightStore,
  pins: createIdbPinStore(),
  channel: new BroadcastChannel('sotto-models'),
  estimate: async () => (await navigator.storage?.estimate?.()) ?? {},
  mirrors: async () => (await policy()).models.mirrors,
});

const base = new URL('.', policyUrl);
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

exposePort<DownloadPort>({
  ...underPolicy(service, policy),
  knowledge: (address) => settle(() => fetchKnowledge(knowledge, address, new AbortController().signal)),
});
