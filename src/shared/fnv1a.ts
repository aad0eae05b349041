/** FNV-1a, 32 bits: spreads texts evenly, and keeps no secret. Another `from` gives another hash of the same text. */
export function fnv1a(text: string, from = 0x811c9dc5): number {
  let hash = from;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
