/** What a trie needs of a tokenizer. */
export interface TokenVocabulary {
  readonly vocabularySize: number;
  /** The bytes a token stands for; none where it must never be chosen. */
  tokenBytes(id: number): Uint8Array;
}

/**
 * All tokens of a vocabulary by their bytes. Nodes lie in depth-first order, so that a walk is one pass over flat arrays
 * and what is impossible is skipped by one addition. Node 0 is the root.
 */
export class TokenTrie {
  readonly vocabularySize: number;
  readonly nodes: number;
  /** Bytes of the longest token. */
  readonly longest: number;
  /** The byte that leads to a node. */
  readonly bytes: Uint8Array;
  /** Bytes on the way to a node. */
  readonly depths: Uint16Array;
  /** The node after a node and everything below it. */
  readonly ends: Uint32Array;
  /** The first token that ends at a node, or -1. */
  readonly tokens: Int32Array;
  /** By token id: another token with the same bytes, or -1. */
  readonly twins: Int32Array;

  constructor(vocabulary: TokenVocabulary) {
    this.vocabularySize = vocabulary.vocabularySize;
    const texts: string[] = [];
    const ids: number[] = [];
    for (let id = 0; id < vocabulary.vocabularySize; id++) {
      const bytes = vocabulary.tokenBytes(id);
      if (bytes.length === 0 || bytes.length > LONGEST_TOKEN) continue;
      texts[id] = latin1(bytes);
      ids.push(id);
    }
    // One character a byte, so the order of strings is the order of bytes.
    ids.sort((a, b) => (texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : a - b));
    const most = ids.reduce((count, id) => count + texts[id]!.length, 1);
    const bytes = new Uint8Array(most);
    const depths = new Uint16Array(most);
    const ends = new Uint32Array(most);
    const tokens = new Int32Array(most).fill(-1);
    this.twins = new Int32Array(vocabulary.vocabularySize).fill(-1);
    let count = 1;
    let longest = 0;
    let previous = '';
    const open = [0];
    for (const id of ids) {
      const text = texts[id]!;
      longest = Math.max(longest, text.length);
      let shared = 0;
      while (shared < previous.length && shared < text.length && previous[shared] === text[shared]) shared += 1;
      while (open.length > shared + 1) ends[open.pop()!] = count;
      for (let depth = shared; depth < text.length; depth++) {
        bytes[count] = text.charCodeAt(depth);
        depths[count] = depth + 1;
        open.push(count++);
      }
      const node = open.at(-1)!;
      this.twins[id] = tokens[node]!;
      tokens[node] = id;
      previous = text;
    }
    while (open.length > 0) ends[open.pop()!] = count;
    this.nodes = count;
    this.longest = longest;
    this.bytes = bytes.slice(0, count);
    this.depths = depths.slice(0, count);
    this.ends = ends.slice(0, count);
    this.tokens = tokens.slice(0, count);
  }
}

/** Longer tokens (runs of hundreds of spaces) exist; an answer can be written without them. */
const LONGEST_TOKEN = 256;

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
