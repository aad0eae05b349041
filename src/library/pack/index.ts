export { fingerprintOf, isPack, type PackHeader, packFiles, readPackHeader, writePackHeader } from './pack-header.ts';
