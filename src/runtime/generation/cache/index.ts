export { commonPrefix } from './common-prefix.ts';
export { type CacheEngine, LiveCache, noAdapters, noCopies } from './live-cache.ts';
export { PrefixTree } from './prefix-tree.ts';
