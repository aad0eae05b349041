export { createShareTarget, type ShareTarget } from './share-target.ts';
