import type { BenchModel } from '../protocol/index.ts';
import type { BenchPlan } from './plan.ts';
import type { Column } from './report.ts';

/** Another engine, measured on the same weights. */
export interface Peer {
  readonly name: string;
  /** Rejects where it cannot run here. */
  measure(
    model: { readonly file: Blob; readonly of: BenchModel & { readonly kind: 'random' } },
    plan: BenchPlan,
    onNews: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Column>;
}

/** What the file that brings peers exports. */
interface PeerModule {
  readonly peers: readonly Peer[];
}

/** The peers that this folder brings: its page names their file. The product brings none. */
export async function loadPeers(): Promise<readonly Peer[]> {
  const address = document.querySelector('meta[name="sotto-bench-peers"]')?.getAttribute('content');
  if (!address) return [];
  const { peers } = (await import(/* @vite-ignore */ new URL(address, document.baseURI).href)) as PeerModule;
  return peers;
}
