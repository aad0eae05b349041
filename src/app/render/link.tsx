import { signal } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';

/** The address a person asked to open; a sheet shows it in full before anything happens. */
export const askedLink = signal<string | null>(null);

const LIVE = new Set(['http:', 'https:', 'mailto:']);
const MAX_LIVE_CHARACTERS = 8000;

/** The address where it may be offered at all; null for scripts, data, files, and hosts behind a false name. */
export function liveAddress(href: string): string | null {
  if (href.length > MAX_LIVE_CHARACTERS) return null;
  try {
    const url = new URL(href);
    if (!LIVE.has(url.protocol) || url.username !== '' || url.password !== '') return null;
    // A host with foreign letters comes out in punycode, and is not offered: it may imitate another.
    return url.hostname.split('.').some((label) => label.startsWith('xn--')) ? null : url.href;
  } catch {
    return null;
  }
}

/** A link that leads nowhere by itself: pressing it shows the whole address. */
export function AskedLink({ href, children }: { readonly href: string; readonly children: ComponentChildren }): VNode {
  return (
    <button type="button" class="link" onClick={() => (askedLink.value = href)}>
      {children}
    </button>
  );
}
