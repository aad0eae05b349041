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
