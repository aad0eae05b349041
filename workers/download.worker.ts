import { createDownloadService } from '../src/net/index.ts';
import { type DownloadPort, exposePort } from '../src/protocol/index.ts';
import { createIdbPinStore, openWeightStore } from '../src/storage/index.ts';

// Worker scripts lie one folder below the app's base: workers/ in the source tree, assets/ in the build. models/ lies beside.
const catalogueUrl = new URL('../models/catalogue.json', self.location.href);

exposePort<DownloadPort>(
  createDownloadService({
    catalogueUrl,
    openStore: openWeightStore,
    pins: createIdbPinStore(),
    channel: new BroadcastChannel('sotto-models'),
    estimate: async () => (await navigator.storage?.estimate?.()) ?? {},
  }),
);
