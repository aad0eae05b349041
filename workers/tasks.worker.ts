import { exposePort, type TasksPort } from '../src/protocol/index.ts';
import { FlowService } from '../src/runtime/flows/index.ts';
import { createTasksService } from '../src/runtime/tasks/index.ts';
import { OnnxModels, openModelFiles } from '../src/runtime/tasks/onnx/index.ts';

const onnx = new OnnxModels(({ source }) => openModelFiles(source));

exposePort<TasksPort>(createTasksService({ onnx, flows: new FlowService() }));
