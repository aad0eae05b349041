export { InferenceService, type InferenceServiceOptions } from './inference-service.ts';
