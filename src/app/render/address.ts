import { MAX_ADDRESS_CHARACTERS } from './limits.ts';

/**
 * The address a link would open, as plain text with its real host: foreign letters that imitate others come out in
 * punycode, and a name before an @ cannot pass for a host.
 */
export function plainAddress(href: string): string {
  const text = parse(href)?.href ?? href;
  return text.length > MAX_ADDRESS_CHARACTERS ? `${text.slice(0, MAX_ADDRESS_CHARACTERS)}…` : text;
}

function parse(href: string): URL | null {
  try {
    return new URL(href);
  } catch {
    return null;
  }
}
