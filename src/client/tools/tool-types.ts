/** A function that the model may call. */
export interface FunctionDefinition {
  /** Letters, digits, - and _, 64 at most. */
  readonly name: string;
  readonly description?: string | undefined;
  /** A JSON Schema of an object; absent: no arguments. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Accepted; arguments always satisfy the schema. */
  readonly strict?: boolean | null | undefined;
}

export interface ChatCompletionTool {
  readonly type: 'function';
  readonly function: FunctionDefinition;
}

/** Whether the model calls tools: as it likes, not at all, in any case, or one certain tool. */
export type ToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { readonly type: 'function'; readonly function: { readonly name: string } };

export interface ChatCompletionToolCall {
  readonly id: string;
  readonly type: 'function';
  /** `arguments` is JSON text. */
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A piece of a call in a streamed answer: the first names the tool, the others bring its arguments piece by piece. */
export interface ToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name?: string; readonly arguments: string };
}
