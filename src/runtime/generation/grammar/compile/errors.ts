import { SottoError } from '../../../../shared/index.ts';

/** A grammar that says nothing sensible, or that no answer can satisfy. */
export function invalidGrammar(message: string, details: Readonly<Record<string, string | number>> = {}): SottoError {
  return new SottoError('grammar-invalid', message, { details });
}

/** A part of a notation that means something Sotto cannot guarantee. */
export function unsupportedGrammar(
  message: string,
  details: Readonly<Record<string, string | number>> = {},
): SottoError {
  return new SottoError('grammar-unsupported', message, { details });
}

export function grammarTooComplex(message: string): SottoError {
  return new SottoError('grammar-too-complex', message);
}
