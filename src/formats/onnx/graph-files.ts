/** How the files of a graph are named by precision, the one that is taken of several first. */
const PRECISIONS = [
  { suffix: '_quantized', precision: 'q8' },
  { suffix: '_int8', precision: 'int8' },
  { suffix: '_uint8', precision: 'uint8' },
  { suffix: '_q4f16', precision: 'q4f16' },
  { suffix: '_q4', precision: 'q4' },
  { suffix: '_bnb4', precision: 'bnb4' },
  { suffix: '_fp16', precision: 'fp16' },
  { suffix: '', precision: 'fp32' },
] as const;

/** The names are those of transformers.js. */
export type OnnxPrecision = (typeof PRECISIONS)[number]['precision'];

/** A graph of a model and the file that holds it. */
export interface OnnxGraphFile {
  /** "model", "encoder_model", "decoder_model_merged": the name without that of the precision. */
  readonly graph: string;
  readonly path: string;
  readonly precision: OnnxPrecision;
}

const GRAPH = /^(?:onnx\/)?([^/]+)\.onnx$/;
/** Graphs and the weights beside them. */
const GRAPH_OR_WEIGHTS = /^(?:onnx\/)?[^/]+\.onnx(?:_data(?:_\d+)?|\.data)?$/;

/**
 * Of every graph in a folder the file to use, in the order of their paths: one of several precisions, eight bits before four,
 * four before more. Decoders come split in two by whether there is a cache, and merged: merged ones are taken.
 */
export function chooseGraphFiles(paths: Iterable<string>): readonly OnnxGraphFile[] {
  const chosen = new Map<string, OnnxGraphFile & { readonly rank: number }>();
  for (const path of [...paths].sort()) {
    const name = GRAPH.exec(path)?.[1];
    if (name === undefined) continue;
    const rank = PRECISIONS.findIndex(({ suffix }) => name.endsWith(suffix));
    const { suffix, precision } = PRECISIONS[rank]!;
    const graph = name.slice(0, name.length - suffix.length);
    if (rank < (chosen.get(graph)?.rank ?? PRECISIONS.length)) chosen.set(graph, { graph, path, precision, rank });
  }
  if (chosen.has('decoder_model_merged')) {
    for (const part of ['decoder_model', 'decoder_with_past_model']) chosen.delete(part);
  }
  return [...chosen.values()].map(({ graph, path, precision }) => ({ graph, path, precision }));
}

/** Where a file of a folder belongs: graphs and their weights lie in "onnx", whether they came so or beside the rest. */
export function onnxPath(path: string): string {
  return GRAPH_OR_WEIGHTS.test(path) && !path.startsWith('onnx/') ? `onnx/${path}` : path;
}

/** True for graphs and for weights that lie beside them. */
export function isGraphOrWeights(path: string): boolean {
  return GRAPH_OR_WEIGHTS.test(path);
}
