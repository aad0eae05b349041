import type { LocalApiAsk, LocalApiCommand, LocalApiRank, LocalApiReply } from '../../protocol/index.ts';

/** A page that can be asked: a window client of the service worker. */
export interface AskablePage {
  postMessage(message: LocalApiAsk, transfer: Transferable[]): void;
}

/** The end of a channel to the page that answers; nothing has been read from it since its bid. */
export interface AnsweringPage {
  readonly port: MessagePort;
  /** Lets the page know that nobody waits any longer, and closes the channel. */
  stop(): void;
}

/**
 * Pages answer within milliseconds; one whose main thread is busy gets longer, one that is frozen or has no engine never
 * answers at all.
 */
const BIDDING_MS = 1_500;

const RANKS: readonly LocalApiRank[] = ['busy', 'idle', 'loaded'];

/** The page that can answer best, or undefined where none has an engine. Others are told to forget it. */
export async function findPage(
  pages: readonly AskablePage[],
  ask: LocalApiAsk,
  biddingMs = BIDDING_MS,
): Promise<AnsweringPage | undefined> {
  const bids: { readonly page: AnsweringPage; readonly rank: number }[] = [];
  const channels: AnsweringPage[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  await new Promise<void>((resolve) => {
    if (pages.length === 0) return resolve();
    timer = setTimeout(resolve, biddingMs);
    for (const page of pages) {
      const { port1: port, port2 } = new MessageChannel();
      const channel: AnsweringPage = {
        port,
        stop() {
          port.postMessage({ type: 'stop' } satisfies LocalApiCommand);
          port.close();
        },
      };
      channels.push(channel);
      port.onmessage = ({ data }: MessageEvent<LocalApiReply>) => {
        if (data.type !== 'bid') return;
        bids.push({ page: channel, rank: RANKS.indexOf(data.rank) });
        // Nobody can do better than a page that has the model in memory; all have spoken when all have.
        if (data.rank === 'loaded' || bids.length === pages.length) resolve();
      };
      page.postMessage(ask, [port2]);
    }
  });
  clearTimeout(timer);
  const best = bids.sort((a, b) => b.rank - a.rank)[0]?.page;
  for (const channel of channels) if (channel !== best) channel.stop();
  return best;
}
