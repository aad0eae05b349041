import { signal, useSignal } from '@preact/signals';
import { sayError } from '../app/i18n/index.ts';
import type { Sotto } from '../client/index.ts';
import type { QueueState, Ticket } from './queue-state.ts';
import { Shown } from './shown.tsx';
import { TEXT } from './text.ts';

const message = signal('');

/** What waits for a person: claimed by name, resolved with what was done. */
export function QueueView({ state, sotto }: { readonly state: QueueState; readonly sotto: Sotto }) {
  const shown = state.tickets.value.filter(({ status }) => status !== 'resolved' || state.showsResolved.value);
  return (
    <>
      <p class="muted">{TEXT.queueLead}</p>
      <section class="form">
        <label>
          {TEXT.you}
          <input
            autocomplete="name"
            value={state.you.value}
            onInput={(event) => {
              state.you.value = event.currentTarget.value;
            }}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={state.showsResolved.value}
            onChange={(event) => {
              state.showsResolved.value = event.currentTarget.checked;
            }}
          />
          {TEXT.showResolved}
        </label>
        <span role="status">{message.value}</span>
      </section>
      {shown.length === 0 ? <p class="muted">{TEXT.noTicket}</p> : null}
      {shown.map((ticket) => (
        <TicketView key={ticket.id} ticket={ticket} state={state} sotto={sotto} />
      ))}
    </>
  );
}

interface TicketProps {
  readonly ticket: Ticket;
  readonly state: QueueState;
  readonly sotto: Sotto;
}

function TicketView({ ticket, state, sotto }: TicketProps) {
  const { id, status, flow, input, result, at, by } = ticket;
  const you = state.you.value.trim();
  const isMine = status === 'claimed' && by === you;
  // A flow that goes on takes its time: resolved twice, or given back meanwhile, the ticket would look taken by somebody else.
  const isBusy = useSignal(false);
  const resolve = async (note: string) => {
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      message.value = '';
      // A flow that waited goes on with the answer; one that was done is closed with what was done.
      const waited = result.status === 'waiting' ? (result.output as { readonly node: string }).node : null;
      const done =
        waited === null
          ? undefined
          : await sotto.flows.resume(flow, input, result.trace, {
              answers: { [waited]: { answer: note, text: note } },
            });
      if (!(await state.resolve(id, you, note, done))) message.value = TEXT.taken;
    } catch (error) {
      message.value = await sayError(error, TEXT.stopped);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <article class={`ticket ${status}`} aria-label={`${flow.name}, ${TEXT.tickets[status]}`}>
      <header>
        <strong>{flow.name}</strong>{' '}
        <span class="muted">
          {new Date(at).toLocaleString(document.documentElement.lang)},{' '}
          {by === undefined ? TEXT.tickets[status] : status === 'resolved' ? TEXT.resolvedBy(by) : TEXT.claimedBy(by)}
        </span>
      </header>
      <h3>{TEXT.message}</h3>
      <Shown value={input} />
      <details>
        <summary>{TEXT.found}</summary>
        <Shown value={result.output} />
      </details>
      {ticket.note === undefined ? null : (
        <p>
          {TEXT.note}: {ticket.note}
        </p>
      )}
      {status === 'open' ? (
        <button
          type="button"
          disabled={you === ''}
          onClick={async () => {
            message.value = (await state.claim(id, you)) ? '' : TEXT.taken;
          }}
        >
          {TEXT.claim}
        </button>
      ) : null}
      {isMine ? (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void resolve(String(new FormData(event.currentTarget).get('note') ?? ''));
          }}
        >
          <label>
            {result.status === 'waiting' ? TEXT.answer : TEXT.note}
            <textarea name="note" rows={2} required />
          </label>
          <div class="actions">
            <button type="submit" class="primary" disabled={isBusy.value}>
              {TEXT.resolve}
            </button>
            <button type="button" disabled={isBusy.value} onClick={() => void state.release(id)}>
              {TEXT.release}
            </button>
          </div>
        </form>
      ) : null}
      {status === 'resolved' ? (
        <button type="button" class="danger" onClick={() => void state.remove(id)}>
          {TEXT.remove}
        </button>
      ) : null}
    </article>
  );
}
