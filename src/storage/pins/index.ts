export { createIdbPinStore, createMemoryPinStore, type PinStore } from './pin-store.ts';
