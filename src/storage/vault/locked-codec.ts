import { SottoError } from '../../shared/index.ts';
import type { RecordCodec } from '../records/index.ts';

/** Stands in while the vault is locked: nothing is read and nothing is written. */
export const LOCKED_CODEC: RecordCodec = {
  seal: () => Promise.reject(locked()),
  open: () => Promise.reject(locked()),
};

function locked(): SottoError {
  return new SottoError('vault-locked', 'The vault is locked.');
}
