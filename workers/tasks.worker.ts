import { exposePort, type TasksPort } from '../src/protocol/index.ts';
import { FlowService } from '../src/runtime/flows/index.ts';
import { createTasksService } from '../src/runtime/tasks/index.ts';
import { OnnxModels, openModelFiles } from '../src/runtime/tasks/onnx/index.ts';
import { ExpertStore, openExpertTable } from '../src/storage/experts/index.ts';

const onnx = new OnnxModels(({ source }) => openModelFiles(source));

let experts: Promise<ExpertStore> | undefined;

exposePort<TasksPort>(
  createTasksService({
    onnx,
    flows: new FlowService(),
    experts: () => {
      experts ??= openExpertTable().then((table) => new ExpertStore(table));
      // What failed once may work the next time.
      experts.catch(() => {
        experts = undefined;
      });
      return experts;
    },
  }),
);
