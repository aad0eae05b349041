export { createAllowedFetch } from './allowed-fetch.ts';
export { createDownloadService, type DownloadServiceOptions } from './download-service.ts';
export { cachedPacks, fetchKnowledge } from './knowledge.ts';
export { cachedPolicy, createPolicySource } from './policy-source.ts';
export { underPolicy } from './under-policy.ts';
