import type { Envelope } from './envelope.ts';

/** Block type of a converted model's matrices. */
export type ConversionType = 'f32' | 'f16' | 'q8_0' | 'q4_1';

export interface ConversionOptions {
  readonly name: string;
  readonly quantization: ConversionType;
}

export interface ConversionFile {
  /** Path in the model's folder: "config.json", "1_Pooling/config.json". */
  readonly path: string;
  readonly file: Blob;
}

export type ConversionEvent = {
  readonly type: 'conversion-progress';
  readonly doneBytes: number;
  readonly totalBytes: number;
};

export interface ConversionResult {
  /** A whole GGUF file. */
  readonly file: Blob;
  readonly architecture: string;
  readonly tensors: number;
  /**
   * What rounding to blocks lost, as a share: √(Σ (new − old)² / Σ old²) over all weights, and in the tensor that lost most.
   */
  readonly loss: { readonly overall: number; readonly worst: { readonly tensor: string; readonly loss: number } };
}

/** The port of the conversion worker: a folder with safetensors weights in, a GGUF file out. It keeps nothing. */
export interface ConversionPort {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
  convert(
    callId: string,
    files: readonly ConversionFile[],
    options: ConversionOptions,
    onEvent: (event: ConversionEvent) => void,
  ): Promise<Envelope<ConversionResult>>;
  abort(callId: string): void;
}
