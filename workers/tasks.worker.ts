import { exposePort, type TasksPort } from '../src/protocol/index.ts';
import { createTasksService } from '../src/runtime/tasks/index.ts';
import { OnnxModels, openModelFiles } from '../src/runtime/tasks/onnx/index.ts';

exposePort<TasksPort>(createTasksService({ onnx: new OnnxModels(({ source }) => openModelFiles(source)) }));
