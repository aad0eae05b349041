export { ChatSotto, type ChatSottoCallOptions, type ChatSottoFields } from './chat-sotto.ts';
