export { EmbeddingService } from './embedding-service.ts';
