export { LiveCache } from './live-cache.ts';
