export { createAllowedFetch } from './allowed-fetch.ts';
export { createDownloadService, type DownloadServiceOptions } from './download-service.ts';
export { cachedPolicy, createPolicySource } from './policy-source.ts';
export { underPolicy } from './under-policy.ts';
