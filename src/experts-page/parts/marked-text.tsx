interface MarkedTextProps {
  readonly text: string;
  readonly marks: readonly { readonly start: number; readonly end: number; readonly label?: string }[];
}

/** A text with some of it marked; what a mark is stands behind it. */
export function MarkedText({ text, marks }: MarkedTextProps) {
  const ordered = marks.toSorted((a, b) => a.start - b.start);
  let at = 0;
  const parts = ordered.flatMap(({ start, end, label }) => {
    if (start < at) return [];
    const before = text.slice(at, start);
    at = end;
    return [
      before,
      <mark key={start}>
        {text.slice(start, end)}
        {label === undefined ? null : <small> {label}</small>}
      </mark>,
    ];
  });
  return (
    <p class="marked" dir="auto">
      {parts}
      {text.slice(at)}
    </p>
  );
}
