import { proxy } from 'comlink';
import type { OnnxModelSource } from '../../protocol/index.ts';
import { abortByCallId } from '../supervised-worker.ts';
import type { Workers } from '../workers.ts';

/** Fetches what is missing of a model; where the browser stores nothing, the bytes travel from thread to thread. */
export async function storedSource(
  { download }: Workers,
  modelId: string,
  signal: AbortSignal | undefined,
): Promise<OnnxModelSource> {
  const silent = proxy(() => {});
  const stored = await download.call(({ port, callId }) => port.download(callId, modelId, silent), {
    signal,
    abort: abortByCallId,
  });
  if (stored.medium !== 'memory') return { kind: 'stored', modelId };
  return { kind: 'files', name: modelId, files: await download.call(({ port }) => port.files(modelId)) };
}
