import { CACHE_PAGE_TOKENS } from '../../backends/decoder-backend.ts';

/** The beginning of a token sequence and the pages that hold it; the last page may hold more than is meant. */
export interface CachedPrefix {
  readonly length: number;
  readonly pages: readonly Uint8Array[];
}

/** A page and the tokens in it: 64, or fewer where nothing follows. */
interface Node {
  readonly parent: Node | undefined;
  tokens: readonly number[];
  page: Uint8Array;
  readonly children: Set<Node>;
  lastUse: number;
}

/**
 * Pages of KV caches by the tokens they were computed from. Sequences that begin alike share their pages, so a fork costs
 * nothing. Bounded in bytes: what was used longest ago leaves first, from the end of a sequence towards its beginning.
 */
export class PrefixTree {
  readonly #mostBytes: number;
  readonly #roots = new Set<Node>();
  #bytes = 0;
  #uses = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The longest prefix of `tokens` that is held. Counts as a use of its pages. */
  longest(tokens: ArrayLike<number>): CachedPrefix {
    const pages: Uint8Array[] = [];
    let length = 0;
    for (const [node, shared] of this.#path(tokens)) {
      node.lastUse = ++this.#uses;
      pages.push(node.page);
      length += shared;
    }
    return { length, pages };
  }

  /** How many whole pages from the start of `tokens` are held already, or all of them where nothing is missing. */
  wholePages(tokens: ArrayLike<number>): number {
    let pages = 0;
    let length = 0;
    for (const [, shared] of this.#path(tokens)) {
      length += shared;
      if (shared === CACHE_PAGE_TOKENS || length === tokens.length) pages += 1;
    }
    return pages;
  }

  /** Takes over the pages of `tokens` from page `first` on; the pages before must be held (`wholePages`). */
  add(tokens: readonly number[], first: number, pages: readonly Uint8Array[]): void {
    let parent: Node | undefined;
    let index = 0;
    for (const [node] of this.#path(tokens)) {
      if (index === first) break;
      node.lastUse = ++this.#uses;
      parent = node;
      index += 1;
    }
    if (index < first) return;
    for (const [offset, page] of pages.entries()) {
      const start = (first + offset) * CACHE_PAGE_TOKENS;
      parent = this.#put(parent, tokens.slice(start, start + CACHE_PAGE_TOKENS), page);
    }
    this.#evict();
  }

  /** Forgets everything. */
  clear(): void {
    this.#roots.clear();
    this.#bytes = 0;
  }

  /** The nodes that hold the longest prefix of `tokens`, with how many tokens each of them shares. */
  *#path(tokens: ArrayLike<number>): Generator<readonly [Node, number]> {
    let children = this.#roots;
    for (let start = 0; start < tokens.length; start += CACHE_PAGE_TOKENS) {
      let best: Node | undefined;
      let most = 0;
      for (const child of children) {
        const shared = sharedTokens(child.tokens, tokens, start);
        if (shared > most) [best, most] = [child, shared];
      }
      if (best === undefined) return;
      yield [best, most];
      if (most < CACHE_PAGE_TOKENS) return;
      children = best.children;
    }
  }

  /** Adds a page, or lets it take the place of one that holds the beginning of the same tokens. */
  #put(parent: Node | undefined, tokens: readonly number[], page: Uint8Array): Node {
    const siblings = parent?.children ?? this.#roots;
    for (const sibling of siblings) {
      const shared = sharedTokens(sibling.tokens, tokens, 0);
      if (shared < Math.min(sibling.tokens.length, tokens.length)) continue;
      if (tokens.length > sibling.tokens.length) {
        sibling.tokens = tokens;
        sibling.page = page;
      }
      sibling.lastUse = ++this.#uses;
      return sibling;
    }
    const node = { parent, tokens, page, children: new Set<Node>(), lastUse: ++this.#uses };
    siblings.add(node);
    this.#bytes += page.byteLength;
    return node;
  }

  #evict(): void {
    while (this.#bytes > this.#mostBytes) {
      let oldest: Node | undefined;
      for (const leaf of leaves(this.#roots)) if (oldest === undefined || leaf.lastUse < oldest.lastUse) oldest = leaf;
      if (oldest === undefined) return;
      (oldest.parent?.children ?? this.#roots).delete(oldest);
      this.#bytes -= oldest.page.byteLength;
    }
  }
}

function sharedTokens(held: readonly number[], tokens: ArrayLike<number>, start: number): number {
  let shared = 0;
  while (shared < held.length && start + shared < tokens.length && held[shared] === tokens[start + shared]) shared += 1;
  return shared;
}

function* leaves(nodes: Iterable<Node>): Generator<Node> {
  for (const node of nodes) {
    if (node.children.size === 0) yield node;
    else yield* leaves(node.children);
  }
}
