import { signal } from '@preact/signals';
import type { FlowDocument, FlowResult } from '../client/index.ts';
import { keptList } from './kept.ts';

/** Something that a flow handed to a person, with all it found out. */
export interface Ticket {
  readonly id: string;
  readonly status: 'open' | 'claimed' | 'resolved';
  readonly flow: FlowDocument;
  readonly input: unknown;
  readonly result: FlowResult;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly by?: string;
  readonly note?: string;
}

const MOST_TICKETS = 200;

function isTicket(value: unknown): value is Ticket {
  const ticket = (value ?? {}) as Partial<Ticket>;
  const isWhole = typeof ticket.flow === 'object' && typeof ticket.result === 'object' && ticket.result !== null;
  return typeof ticket.id === 'string' && typeof ticket.status === 'string' && typeof ticket.at === 'number' && isWhole;
}

/** The queue of this browser. A ticket is claimed by one name at a time, whichever tab it is in. */
export function createQueueState() {
  const { items, change } = keptList<Ticket>('sotto-flow-queue', isTicket);
  const you = signal('');
  const showsResolved = signal(false);
  const update = async (id: string, by: (ticket: Ticket) => Ticket | null): Promise<boolean> => {
    let isDone = false;
    await change((now) =>
      now.map((ticket) => {
        const next = ticket.id === id ? by(ticket) : null;
        isDone ||= next !== null;
        return next ?? ticket;
      }),
    );
    return isDone;
  };
  return {
    tickets: items,
    you,
    showsResolved,
    add: (flow: FlowDocument, input: unknown, result: FlowResult) => {
      const ticket: Ticket = { id: crypto.randomUUID(), status: 'open', flow, input, result, at: Date.now() };
      return change((now) => {
        // What is done goes first where there is no room; what waits is never dropped.
        const kept = [...now, ticket];
        const done = kept
          .filter(({ status }) => status === 'resolved')
          .slice(0, Math.max(0, kept.length - MOST_TICKETS));
        return kept.filter((one) => !done.includes(one));
      });
    },
    /** False: somebody else was quicker. */
    claim: (id: string, by: string) =>
      update(id, (ticket) => (ticket.status === 'open' ? { ...ticket, status: 'claimed', by } : null)),
    release: (id: string) =>
      update(id, ({ by: _, ...ticket }) => (ticket.status === 'claimed' ? { ...ticket, status: 'open' } : null)),
    resolve: (id: string, by: string, note: string, result?: FlowResult) =>
      update(id, (ticket) =>
        ticket.status === 'claimed' && ticket.by === by
          ? { ...ticket, status: 'resolved', note, ...(result === undefined ? {} : { result }) }
          : null,
      ),
    remove: (id: string) => change((now) => now.filter((ticket) => ticket.id !== id)),
  };
}

export type QueueState = ReturnType<typeof createQueueState>;
