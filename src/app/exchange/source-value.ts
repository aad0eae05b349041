import { fnv1a } from '../../shared/index.ts';

/** Small readers for the files of other programs: what is missing or of another kind is undefined, and never an exception. */

export type Json = { readonly [name: string]: unknown };

export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Milliseconds since 1970 from seconds, milliseconds or an ISO date; `fallback` for anything else. */
export function asTime(value: unknown, fallback: number): number {
  if (typeof value === 'string') {
    const parsed = Date.parse(value);
    return Number.isFinite(parsed) ? parsed : fallback;
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return fallback;
  // Seconds until the year 5138 are fewer than milliseconds since 1973.
  return value < 1e11 ? value * 1000 : value;
}

/**
 * What a chat is known by from now on: its id in the program it comes from, else one made of what it holds. A file that is read again
 * brings the same chats and not others; two chats of one moment are two.
 */
export function chatId(program: string, given: string | undefined, chat: Json): string {
  return `${program}-${given ?? fingerprint(JSON.stringify(chat))}`.slice(0, 60);
}

/** 64 bits, enough to tell the chats of one person apart. */
function fingerprint(text: string): string {
  return [fnv1a(text), fnv1a(text, 0x2a5f3b91)].map((hash) => hash.toString(16).padStart(8, '0')).join('');
}
