import { createDownloadPort } from '../src/net/index.ts';
import { type DownloadPort, exposePort } from '../src/protocol/index.ts';

/** Public key that the site's policy must be signed with; set when the product is built, not there in tests. */
declare const SOTTO_POLICY_KEY: string | undefined;

exposePort<DownloadPort>(
  createDownloadPort({
    // Worker scripts lie one folder below the app's base: workers/ in the source tree, assets/ in the build.
    base: new URL('..', self.location.href),
    policyKey: typeof SOTTO_POLICY_KEY === 'string' ? SOTTO_POLICY_KEY : '',
  }),
);
