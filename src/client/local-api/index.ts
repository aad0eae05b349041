export { type LocalApiEngine, serveLocalApi } from './serve-local-api.ts';
