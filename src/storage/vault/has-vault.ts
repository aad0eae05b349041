import { openRecordStore } from '../records/index.ts';
import { VAULT_META } from './vault.ts';

/**
 * Whether a vault is switched on in this browser, open or locked. Whoever keeps something of the person's own and cannot seal it keeps nothing then;
 * where that cannot be found out, there is one.
 */
export async function hasVault(): Promise<boolean> {
  try {
    const records = await openRecordStore();
    const header = await records?.readMeta(VAULT_META);
    records?.close();
    return header !== undefined;
  } catch {
    return true;
  }
}
