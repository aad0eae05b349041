import { SottoError } from '../../../shared/index.ts';

export function rejected(message: string, cause?: unknown): SottoError {
  return new SottoError('template-rejected', message, { cause });
}
