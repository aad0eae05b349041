import type { VNode } from 'preact';
import { formatCount, formatNumber } from '../app/format/index.ts';
import type { BenchProfile } from '../protocol/index.ts';
import { columnTitle } from './column-title.ts';
import { type Column, keyOf } from './report.ts';
import { TEXT } from './text.ts';

/** What stands beside the rates: load, memory, and what a token costs a graphics card. */
export function Costs({ columns }: { readonly columns: readonly Column[] }): VNode {
  return (
    <section>
      <h2>{TEXT.costs}</h2>
      <p class="muted">{TEXT.costsHint}</p>
      <div class="cards">
        {columns.map((column) => (
          <article key={keyOf(column)}>
            <h3>
              {columnTitle(column)} <small>{column.model}</small>
            </h3>
            <dl>
              {factsOf(column).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd class="figures">{value}</dd>
                </div>
              ))}
            </dl>
            {column.profile !== null && column.profile.kernels.length > 0 && <Kernels profile={column.profile} />}
          </article>
        ))}
      </div>
    </section>
  );
}

function factsOf({ description, loadMs, memoryBytes, profile }: Column): readonly (readonly [string, string])[] {
  const facts: (readonly [string, string])[] = [];
  if (description !== '') facts.push([TEXT.runsOn, description]);
  if (loadMs > 0) facts.push([TEXT.loadedIn, TEXT.milliseconds(loadMs)]);
  if (memoryBytes !== null) facts.push([TEXT.memory, TEXT.memoryOf(memoryBytes)]);
  if (profile !== null) {
    facts.push(
      [TEXT.dispatches, formatCount(profile.dispatchesPerToken)],
      [TEXT.encode, TEXT.milliseconds(profile.encodeMs)],
      [TEXT.device, profile.deviceMs === null ? TEXT.noClock : TEXT.milliseconds(profile.deviceMs)],
    );
  }
  return facts;
}

function Kernels({ profile: { kernels } }: { readonly profile: BenchProfile }): VNode {
  const whole = kernels.reduce((sum, { deviceMs }) => sum + deviceMs, 0);
  return (
    <details class="more">
      <summary>{TEXT.kernels}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{TEXT.kernel}</th>
            <th scope="col">{TEXT.dispatches}</th>
            <th scope="col">{TEXT.device}</th>
            <th scope="col">{TEXT.share}</th>
          </tr>
        </thead>
        <tbody>
          {kernels.map(({ name, dispatches, deviceMs }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="figures">{formatCount(dispatches)}</td>
              <td class="figures">{TEXT.milliseconds(deviceMs)}</td>
              <td class="figures">{formatNumber((100 * deviceMs) / whole, 0)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
