export { renderChatTemplate } from './render-chat-template.ts';
