export { createDownloadService, type DownloadServiceOptions } from './download-service.ts';
export { parseCatalogue, parseManifest } from './manifest.ts';
