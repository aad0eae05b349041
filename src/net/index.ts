export { createDownloadPort, type DownloadPlace } from './create-download-port.ts';
