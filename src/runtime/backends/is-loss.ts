import { SottoError } from '../../shared/index.ts';

/** Whether an engine failed because its graphics device is gone: a new one can go on. */
export function isLoss(error: unknown): boolean {
  return SottoError.isInstance(error) && error.code === 'device-lost';
}
