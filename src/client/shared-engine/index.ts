export { SharedEngine } from './shared-engine.ts';
