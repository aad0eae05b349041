export { InferenceService, type InferenceServiceOptions } from './inference-service.ts';
export { createSession, type GenerateOptions, type Session } from './session.ts';
