import { type DocumentsPort, exposePort } from '../src/protocol/index.ts';
import { createDocumentsService } from '../src/runtime/retrieval/index.ts';

exposePort<DocumentsPort>(createDocumentsService());
