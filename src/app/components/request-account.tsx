import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { type RequestTotal, readRequests } from '../../storage/requests/index.ts';
import { formatBytes, formatCount, formatMoment } from '../format/index.ts';
import { type EgressResult, testEgress } from '../pwa/index.ts';
import { TEXT } from '../text.ts';
import { CheckIcon, WarningIcon } from './icons.tsx';

const text = TEXT.requests;

/** Every request since this app was installed, and a proof that no other is possible. */
export function RequestAccount(): VNode {
  const totals = useSignal<readonly RequestTotal[]>([]);
  const results = useSignal<readonly EgressResult[] | null>(null);
  const isTesting = useSignal(false);
  useEffect(() => {
    void readRequests().then((found) => {
      totals.value = found;
    });
  }, []);
  const prove = async () => {
    isTesting.value = true;
    results.value = await testEgress();
    isTesting.value = false;
  };
  const first = totals.value.reduce((earliest, total) => Math.min(earliest, total.first), Date.now());
  return (
    <section class="panel-section">
      <h3>{text.title}</h3>
      {totals.value.length === 0 ? (
        <p>{text.none}</p>
      ) : (
        <>
          <p class="muted small">{text.since(formatMoment(first))}</p>
          <table class="requests">
            <thead>
              <tr>
                <th scope="col">{text.host}</th>
                <th scope="col">{text.why}</th>
                <th scope="col">{text.count}</th>
                <th scope="col">{text.bytes}</th>
              </tr>
            </thead>
            <tbody class="figures">
              {totals.value.map(({ host, reason, count, bytes }) => (
                <tr key={`${reason} ${host}`}>
                  <td>{host}</td>
                  <td>{text.reasons[reason]}</td>
                  <td>{formatCount(count)}</td>
                  <td>{formatBytes(bytes, 1)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <p>{text.proveNote}</p>
      <button type="button" aria-disabled={isTesting.value} onClick={() => void prove()}>
        {text.prove}
      </button>
      <div role="status">
        {isTesting.value && <p>{text.proving}</p>}
        {results.value !== null && <Proof results={results.value} />}
      </div>
    </section>
  );
}

function Proof({ results }: { readonly results: readonly EgressResult[] }): VNode {
  const open = results.filter(({ isRefused }) => !isRefused);
  return (
    <>
      <p class="proof">
        {open.length === 0 ? <CheckIcon /> : <WarningIcon />}
        {open.length === 0
          ? text.proven(results.length)
          : text.notProven(open.map(({ channel }) => channel).join(', '))}
      </p>
      <ul class="plain-list">
        {results.map(({ channel, isRefused }) => (
          <li key={channel}>
            {channel}: {isRefused ? text.refused : text.notRefused}
          </li>
        ))}
      </ul>
    </>
  );
}
