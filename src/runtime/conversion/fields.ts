import type { GgufField } from '../../formats/gguf/index.ts';

/** Short ways to write metadata values with their types. */
export const uint = (value: number): GgufField => ({ type: 'uint32', value });
export const float = (value: number): GgufField => ({ type: 'float32', value });
export const flag = (value: boolean): GgufField => ({ type: 'bool', value });
export const text = (value: string): GgufField => ({ type: 'string', value });

export type Metadata = Map<string, GgufField>;
