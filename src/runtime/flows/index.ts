export { FlowService } from './flow-service.ts';
