/** A part of the client whose code comes when it is first used: what can be called and read of it. */
export type Lazy<Part> = Pick<Part, keyof Part>;

/** Names of a part's methods; only those that answer with a promise can wait for their code. */
type Waiting<Part> = {
  [Name in keyof Part]: Part[Name] extends (...values: never[]) => Promise<unknown> ? Name : never;
}[keyof Part];

/** Every such name, once: the compiler says which is missing. */
export type MethodNames<Part> = Readonly<Record<Waiting<Part>, 1>>;

/** What `load` makes, made once; a load that failed is tried again at the next call. */
export function once<Part>(load: () => Promise<Part>): () => Promise<Part> {
  let part: Promise<Part> | undefined;
  return () => {
    part ??= load().catch((error: unknown) => {
      part = undefined;
      throw error;
    });
    return part;
  };
}

/** The methods of a part, which is loaded at the first call of one of them. */
export function lazily<Part extends object>(
  part: () => Promise<Part>,
  names: MethodNames<Part>,
): Pick<Part, Waiting<Part>> {
  const methods = Object.keys(names).map((name) => [
    name,
    async (...values: never[]) => {
      const loaded = (await part()) as Record<string, (...given: never[]) => unknown>;
      return loaded[name]?.(...values);
    },
  ]);
  return Object.fromEntries(methods) as Pick<Part, Waiting<Part>>;
}
