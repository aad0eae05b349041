import type { Sotto } from '../client/index.ts';
import { CLOSED_POLICY, type Policy } from '../policy/index.ts';
import { permitLanguages } from './i18n/index.ts';

/**
 * What the site allows, before anything is drawn. Where it cannot be read nothing is allowed; why, the model's state says, which
 * meets the same failure. Resolves with null where the page is being loaded anew in a language that is allowed.
 */
export async function readSitePolicy(engine: Pick<Sotto, 'policy'>): Promise<Policy | null> {
  const policy = await engine.policy().catch(() => CLOSED_POLICY);
  if (!permitLanguages(policy.languages)) return policy;
  location.reload();
  return null;
}
