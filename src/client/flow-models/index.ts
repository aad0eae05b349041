export { answerThroughFlow } from './flow-models.ts';
