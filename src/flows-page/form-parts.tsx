/** A node or a way with some fields changed; a field that became undefined is gone. */
export function changed<T extends object>(value: T, part: Partial<Record<keyof T, unknown>>): T {
  const next = Object.entries({ ...value, ...part }).filter(([, field]) => field !== undefined);
  return Object.fromEntries(next) as T;
}

/** Choices that are their own names. */
export function Options({ names }: { readonly names: readonly string[] }) {
  return names.map((name) => (
    <option key={name} value={name}>
      {name}
    </option>
  ));
}
