import type { LocalApiAsk, LocalApiCommand, LocalApiRank, LocalApiReply } from '../../protocol/index.ts';
import type { CallResponse, LocalApiEngine } from './local-api-engine.ts';

type Messages = Pick<ServiceWorkerContainer, 'addEventListener' | 'removeEventListener'>;

/**
 * Answers what the service worker hands over from this origin's `/v1`, until the returned function is called.
 * The code that answers is fetched at the first call; a page that is never asked does not pay for it.
 */
export function serveLocalApi(engine: LocalApiEngine, container: Messages): () => void {
  const onMessage = (event: Event) => {
    const { data, ports } = event as MessageEvent<Partial<LocalApiAsk> | null>;
    const port = ports[0];
    if (data?.type === 'local-api-ask' && port !== undefined) bidFor(engine, data as LocalApiAsk, port);
  };
  container.addEventListener('message', onMessage);
  return () => container.removeEventListener('message', onMessage);
}

function bidFor(engine: LocalApiEngine, ask: LocalApiAsk, port: MessagePort): void {
  const stopped = new AbortController();
  const send = (reply: LocalApiReply) => port.postMessage(reply);
  const response: CallResponse = {
    head: (status, contentType) => send({ type: 'head', status, contentType }),
    text: (text) => send({ type: 'text', text }),
    end: () => send({ type: 'end' }),
  };
  port.onmessage = async ({ data }: MessageEvent<LocalApiCommand>) => {
    if (data.type === 'stop') {
      stopped.abort();
      port.close();
      return;
    }
    const { answerCall } = await import('./answer-call.ts');
    await answerCall(engine, ask, data.body, response, stopped.signal);
  };
  send({ type: 'bid', rank: rankOf(engine, ask) });
}

function rankOf({ models }: LocalApiEngine, { model }: LocalApiAsk): LocalApiRank {
  if (models.loaded === null) return 'idle';
  return model === null || models.loaded.id === model ? 'loaded' : 'busy';
}
