export { serveLocalApi } from './serve-local-api.ts';
