export { TEMPLATE_LIMITS } from './limits.ts';
export { renderChatTemplate } from './render-chat-template.ts';
