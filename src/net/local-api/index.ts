export { answerLocalApi, isLocalApi } from './answer-local-api.ts';
