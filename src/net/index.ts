export { createDownloadService, type DownloadServiceOptions } from './download-service.ts';
