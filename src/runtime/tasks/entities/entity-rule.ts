export type EntityKind =
  | 'person'
  | 'organisation'
  | 'place'
  | 'date'
  | 'money'
  | 'percent'
  | 'email'
  | 'phone'
  | 'handle'
  | 'url'
  | 'iban'
  | 'card'
  | 'bank-account'
  | 'ip'
  | 'order-number'
  | 'invoice-number'
  | 'tracking-number'
  | 'identity-number'
  | 'address'
  | 'product';

export interface EntityRule {
  readonly kind: EntityKind;
  /** The part of the match that is meant is its group "v", else all of it. */
  readonly pattern: RegExp;
  readonly score: number;
  readonly accept?: (text: string, whole: string) => boolean;
}

export function hasDigits(text: string): boolean {
  return (text.match(/\d/g)?.length ?? 0) >= 2;
}
