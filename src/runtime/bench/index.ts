export { BenchService, type BenchServiceOptions } from './bench-service.ts';
