/** Weights kept in a file of their own beside the model. */
export interface OnnxExternalData {
  readonly tensor: string;
  /** As written in the model: must be the plain relative name of a file of the same model. */
  readonly location: string;
  readonly offset: number;
  /** Bytes; undefined where the model leaves it out, then to the end of the file. */
  readonly length: number | undefined;
  /** Bytes that shape and type ask for. */
  readonly expectedBytes: number | undefined;
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  /** Version by operator set; '' is the standard one. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** "MatMul", or "com.microsoft.MatMulNBits" for those of another set. */
  readonly operators: ReadonlySet<string>;
  readonly nodes: number;
  readonly initialisers: number;
  /** Sum over the shapes of all initialisers. */
  readonly parameters: number;
  readonly external: readonly OnnxExternalData[];
}
