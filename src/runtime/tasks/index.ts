export { createTasksService } from './tasks-service.ts';
