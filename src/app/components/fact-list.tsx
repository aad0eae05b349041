import type { VNode } from 'preact';

/** A name and its value; what is not known is left out. */
export type Fact = readonly [name: string, value: string | undefined];

export function FactList({ facts }: { readonly facts: readonly Fact[] }): VNode {
  return (
    <dl>
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="figures">{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
