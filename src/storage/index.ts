export * from './pins/index.ts';
export * from './weights/index.ts';
