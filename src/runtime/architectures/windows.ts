import type { ModelReader } from './model-reader.ts';

const MOST_CONTEXT = 16_777_216;
const MOST_LAYERS = 512;

/** Layers that make text; those beyond only draft tokens for them. */
export function layerCountOf(reader: ModelReader): number {
  const all = reader.integer('block_count', 1, MOST_LAYERS);
  return all - reader.integer('nextn_predict_layers', 0, all - 1, 0);
}

/** Positions that a sliding layer's queries see; undefined where nothing slides. */
export function windowOf(reader: ModelReader, fallback = 0): number | undefined {
  const window = reader.integer('attention.sliding_window', 0, MOST_CONTEXT, fallback);
  return window === 0 ? undefined : window;
}

/** Which layers slide: from the file's list, or all but the last of every `period`. */
export function slidingLayers(reader: ModelReader, period: number): (layer: number) => boolean {
  const listed = reader.flags('attention.sliding_window_pattern', layerCountOf(reader));
  if (listed !== undefined) return (layer) => listed[layer]!;
  const given = reader.integer('attention.sliding_window_pattern', 0, MOST_LAYERS, period);
  return (layer) => given === 0 || layer % given < given - 1;
}
