/** A value as text: what a flow takes and gives is data, and is shown as it is. */
export function Shown({ value }: { readonly value: unknown }) {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls, and the keyboard must reach it.
    <pre tabIndex={0} dir="auto">
      {text}
    </pre>
  );
}
