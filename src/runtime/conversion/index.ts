export { createConversionService } from './conversion-service.ts';
