import { SottoError } from '../../shared/index.ts';

/** Throws `invalid-option` for what is no whole number from 1 to `most`. */
export function checkCount(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new SottoError('invalid-option', `"${name}" must be a whole number from 1 to ${most}, not ${value}.`, {
    details: { option: name, most },
  });
}
