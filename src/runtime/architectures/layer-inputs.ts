import type { Activation, LayerInputSpec, LayerInputsSpec } from './decoder-spec.ts';
import type { ModelReader } from './model-reader.ts';

const MOST_WIDTH = 4096;

function sizeOf(reader: ModelReader): number {
  return reader.integer('embedding_length_per_layer_input', 0, MOST_WIDTH, 0);
}

/** What all layers get of a token besides the residual stream, or undefined where the file has no such table. */
export function layerInputsOf(
  reader: ModelReader,
  shape: { readonly layerCount: number; readonly hiddenSize: number; readonly vocabularySize: number },
): LayerInputsSpec | undefined {
  const size = sizeOf(reader);
  if (size === 0) return undefined;
  const width = size * shape.layerCount;
  return {
    size,
    table: reader.weight('per_layer_token_embd', shape.vocabularySize, width),
    projection: reader.weight('per_layer_model_proj', width, shape.hiddenSize),
    norm: reader.norm('per_layer_proj_norm', size),
  };
}

/** How one layer uses it. */
export function layerInputOf(place: {
  readonly reader: ModelReader;
  readonly name: (part: string) => string;
  readonly hiddenSize: number;
  readonly activation: Activation;
}): LayerInputSpec | undefined {
  const { reader, name, hiddenSize, activation } = place;
  const size = sizeOf(reader);
  if (size === 0) return undefined;
  return {
    activation,
    gate: reader.weight(name('inp_gate'), size, hiddenSize),
    output: reader.weight(name('proj'), hiddenSize, size),
    norm: reader.norm(name('post_norm'), hiddenSize),
  };
}
