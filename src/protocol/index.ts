export type * from './download.ts';
export { type Envelope, type ErrorEnvelope, fromErrorEnvelope, settle } from './envelope.ts';
export { exposePort } from './expose-port.ts';
export type * from './inference.ts';
export type * from './local-api.ts';
export type * from './sandbox.ts';
export type * from './service-worker.ts';
export type * from './tasks.ts';
export { PROTOCOL_VERSION } from './version.ts';
