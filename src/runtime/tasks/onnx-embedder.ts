import type { OnnxModelSource } from '../../protocol/index.ts';
import type { Embedder } from '../experts/index.ts';
import type { OnnxModels } from './onnx/index.ts';

/** Vectors of texts that come again: rows of a flow are asked about by several nodes. */
const MOST_REMEMBERED = 4_000;

const remembered = new Map<string, Float32Array>();

/** Sentence vectors from an ONNX encoder. Dimensions are those of the model; known texts are not computed twice. */
export async function onnxEmbedder(onnx: OnnxModels, source: OnnxModelSource): Promise<Embedder> {
  const model = await onnx.load({ source, task: 'feature-extraction' });
  const keyOf = (text: string) => `${model.hash} ${text}`;
  const embed: Embedder['embed'] = async (texts, signal, onProgress) => {
    const fresh = [...new Set(texts)].filter((text) => !remembered.has(keyOf(text)));
    if (fresh.length > 0) {
      const { vectors, dimensions } = await onnx.embed(model.id, fresh, signal, onProgress ?? (() => {}));
      for (const [index, text] of fresh.entries()) {
        remembered.set(keyOf(text), vectors.slice(index * dimensions, (index + 1) * dimensions));
      }
    }
    const result = texts.map((text) => remembered.get(keyOf(text)) ?? new Float32Array(0));
    for (const key of remembered.keys()) {
      if (remembered.size <= MOST_REMEMBERED) break;
      remembered.delete(key);
    }
    return result;
  };
  const [probe] = await embed(['dimensions'], new AbortController().signal);
  return { modelId: model.id, hash: model.hash, dimensions: probe?.length ?? 0, embed };
}
