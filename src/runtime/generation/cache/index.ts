export { LiveCache, noAdapters } from './live-cache.ts';
