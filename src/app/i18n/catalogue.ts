import type { EN } from './en.ts';

/** The shape of words, whatever they say. */
export type Widened<T> = T extends string
  ? string
  : T extends (...values: infer Values) => string
    ? (...values: Values) => string
    : T extends readonly string[]
      ? readonly string[]
      : { readonly [Key in keyof T]: Widened<T[Key]> };

/** The shape every language fills. */
export type Catalogue = Widened<typeof EN>;
