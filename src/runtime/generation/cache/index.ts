export { LiveCache } from './live-cache.ts';
export { type CachedPrefix, PrefixTree } from './prefix-tree.ts';
