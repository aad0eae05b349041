/** Tokens a second that models reached on this device, by id. Local figures; they go with everything else of this site. */
const KEY = 'sotto-speeds';

export function readSpeeds(): Readonly<Record<string, number>> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, rate]) => typeof rate === 'number' && rate > 0));
  } catch {
    return {}; // Blocked, or written by somebody else.
  }
}

export function noteSpeed(modelId: string, tokensPerSecond: number): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...readSpeeds(), [modelId]: Math.round(tokensPerSecond * 10) / 10 }));
  } catch {
    // Blocked: nothing is remembered.
  }
}
