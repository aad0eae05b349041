export { listenTo } from './host-bridge.ts';
export { mountAssistant } from './mount.tsx';
