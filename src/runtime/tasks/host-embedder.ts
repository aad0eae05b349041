import { type Envelope, fromErrorEnvelope, type TasksHost } from '../../protocol/index.ts';
import { throwIfAborted } from '../../shared/index.ts';
import type { Embedder } from '../experts/index.ts';

/** Vectors of texts that come again: rows of a flow are asked about by several nodes. */
const MOST_REMEMBERED = 6_000;
/** Texts handed over in one call: between two calls an abort is heard and progress is told. */
const AT_ONCE = 64;

const remembered = new Map<string, Float32Array>();

/** Sentence vectors from the encoder thread. Known texts are not computed twice. */
export async function hostEmbedder(host: Pick<TasksHost, 'embed' | 'embedWords'>): Promise<Embedder> {
  // What the vectors look like, and which model they are of, is known once there is one.
  const { modelId, modelHash, dimensions } = await opened(host.embed(['dimensions']));
  const keyOf = (text: string) => `${modelHash} ${text}`;
  const embed: Embedder['embed'] = async (texts, signal, onProgress) => {
    const known = new Map<string, Float32Array>();
    for (const text of texts) {
      const vector = remembered.get(keyOf(text));
      if (vector !== undefined) known.set(text, vector);
    }
    const fresh = [...new Set(texts)].filter((text) => !known.has(text));
    for (let at = 0; at < fresh.length; at += AT_ONCE) {
      throwIfAborted(signal);
      const some = fresh.slice(at, at + AT_ONCE);
      const { vectors } = await opened(host.embed(some));
      for (const [index, text] of some.entries()) {
        const vector = vectors.slice(index * dimensions, (index + 1) * dimensions);
        known.set(text, vector);
        remembered.set(keyOf(text), vector);
      }
      onProgress?.(texts.length - fresh.length + at + some.length);
    }
    throwIfAborted(signal);
    for (const key of remembered.keys()) {
      if (remembered.size <= MOST_REMEMBERED) break;
      remembered.delete(key);
    }
    return texts.map((text) => known.get(text) ?? new Float32Array(dimensions));
  };
  const embedWords: Embedder['embedWords'] = async (lists, signal, onProgress) => {
    const vectors: Float32Array[][] = [];
    for (let at = 0; at < lists.length; at += AT_ONCE) {
      throwIfAborted(signal);
      const some = lists.slice(at, at + AT_ONCE);
      const { vectors: all, dimensions: width } = await opened(host.embedWords(some));
      let start = 0;
      for (const words of some) {
        vectors.push(words.map((_, index) => all.slice(start + index * width, start + (index + 1) * width)));
        start += words.length * width;
      }
      onProgress?.(vectors.length);
    }
    return vectors;
  };
  return { modelId, hash: modelHash, dimensions, embed, embedWords };
}

/** The value of an envelope that came from another thread, or its error as one of this thread. */
export async function opened<T>(envelope: Promise<Envelope<T>>): Promise<T> {
  const settled = await envelope;
  if (settled.ok) return settled.value;
  throw fromErrorEnvelope(settled.error);
}
