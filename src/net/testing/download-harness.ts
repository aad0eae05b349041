import { afterEach, beforeEach, expect } from 'vitest';
import type { DownloadEvent, Envelope, StoredModel } from '../../protocol/index.ts';
import { createMemoryWeightStore } from '../../storage/weights/memory-weight-store.ts';
import { openStoredModel } from '../../storage/weights/open-stored-model.ts';
import type { WeightStore } from '../../storage/weights/weight-store.ts';
import { createDownloadService, type DownloadServiceOptions } from '../download-service.ts';
import { createLocalExclusive } from '../exclusive.ts';
import type { UngovernedPort } from '../under-policy.ts';
import { type ModelServer, startModelServer } from './model-server.ts';

/** A fresh server and a fresh store for each test, and the service between them. */
export interface DownloadHarness {
  server: ModelServer;
  store: WeightStore;
  /** Events of `download`. */
  events: DownloadEvent[];
  readonly onEvent: (event: DownloadEvent) => void;
  service(options?: Partial<DownloadServiceOptions>): UngovernedPort;
  /** One download of the sample, call id "call", by a service of its own. */
  download(options?: Partial<DownloadServiceOptions>): Promise<Envelope<StoredModel>>;
  /** Which chunks the store says it has. */
  storedFlags(): Promise<readonly boolean[]>;
  /** Fails unless the store gives back the model, byte for byte. */
  expectWhole(): Promise<void>;
  /** Bytes of weights that the server handed out. */
  totalSent(): number;
}

/** What a finished download says. */
export const COMPLETE = { ok: true, value: { id: 'sample', complete: true, medium: 'memory' } };

/** The error of an envelope; fails the test where there is none. */
export function failure<T>(envelope: Envelope<T>): unknown {
  expect(envelope.ok).toBe(false);
  return envelope.ok ? undefined : envelope.error;
}

/** Short pauses between attempts; a stall limit that a busy machine does not reach. */
const QUICK: Partial<DownloadServiceOptions> = {
  retry: { attempts: 3, firstWaitMs: 5, longestWaitMs: 10 },
  stall: { windowMs: 10_000, leastBytes: 1024 },
  // One stream unless a test is about more: what was asked for can then be counted.
  parallel: { connections: 1, leastPieceBytes: 1024 },
};

/** Call once at the top of a test file. */
export function useDownloadHarness(): DownloadHarness {
  const exclusive = createLocalExclusive();
  const harness: Partial<DownloadHarness> & Omit<DownloadHarness, 'server' | 'store'> = {
    events: [],
    onEvent: (event) => void harness.events.push(event),
    service: (options = {}) =>
      createDownloadService({
        catalogueUrl: whole().server.catalogueUrl,
        openStore: () => Promise.resolve(whole().store),
        exclusive,
        ...QUICK,
        ...options,
      }),
    download: (options) => harness.service(options).download('call', 'sample', harness.onEvent),
    storedFlags: async () => (await whole().store.record('sample'))?.stored ?? [],
    async expectWhole() {
      const source = await openStoredModel(whole().store, 'sample');
      const bytes = await source.read(0, source.size);
      expect(Buffer.from(bytes).equals(Buffer.from(whole().server.model.bytes))).toBe(true);
    },
    totalSent: () => whole().server.seen.reduce((sum, { sent }) => sum + sent, 0),
  };
  const whole = () => harness as DownloadHarness;
  beforeEach(async () => {
    harness.server = await startModelServer();
    harness.store = createMemoryWeightStore();
    harness.events = [];
  });
  afterEach(() => harness.server?.close());
  return whole();
}
