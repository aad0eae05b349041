import { type DocumentsPort, settle } from '../../protocol/index.ts';
import { chunkBlocks } from './chunker.ts';
import { documentInvalid, extractDocument, textOfBlocks } from './extract/index.ts';
import { RetrievalIndex } from './retrieval-index.ts';

/** What the ingest worker answers with. */
export function createDocumentsService(): Omit<DocumentsPort, 'hello'> {
  const index = new RetrievalIndex();
  const running = new Map<string, AbortController>();
  return {
    read: (callId, file, name, onEvent) =>
      settle(async () => {
        const controller = new AbortController();
        running.set(callId, controller);
        try {
          const { blocks, pages, notices } = await extractDocument(file, name, {
            signal: controller.signal,
            onProgress: (done, total) => onEvent({ type: 'read-progress', done, total }),
          });
          const chunks = chunkBlocks(blocks);
          // Scans are pictures: kept without a passage, such a document would never be found, and nobody would know why.
          if (chunks.length === 0)
            throw documentInvalid('No text was found in the file. Pictures of text are not read.');
          return { chunks, pages, ...notices };
        } finally {
          running.delete(callId);
        }
      }),
    text: (callId, file, name) =>
      settle(async () => {
        const controller = new AbortController();
        running.set(callId, controller);
        try {
          const { signal } = controller;
          const { blocks, pages, notices } = await extractDocument(file, name, { signal, layout: 'lines' });
          return { text: textOfBlocks(blocks), pages, ...notices };
        } finally {
          running.delete(callId);
        }
      }),
    put: (documents) =>
      settle(() => {
        for (const document of documents) index.put(document);
        return null;
      }),
    remove: (documentIds) =>
      settle(() => {
        for (const id of documentIds) index.remove(id);
        return null;
      }),
    search: (request) => settle(() => index.search(request)),
    abort: (callId) => running.get(callId)?.abort(),
  };
}
