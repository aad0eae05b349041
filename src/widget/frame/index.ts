export type { AssistantEngine } from './assistant.ts';
export { listenTo } from './host-bridge.ts';
export { mountAssistant } from './mount.tsx';
