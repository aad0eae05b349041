import { ConvolutionRings } from './convolution-rings.ts';
import type { MixerBuffers } from './gpu-buffers.ts';
import type { LoadedDecoder } from './loaded-decoder.ts';
import type { ConvolutionShape, MixerShape, RecurrentShape } from './mixer-shapes.ts';
import { RecurrentStates } from './recurrent-states.ts';

/** What layers remember of the text beside keys and values: it decides where the text can be cut. */
export class TextState {
  /** True where keys and values are all: only then is a page a part of the cache. */
  readonly hasPagesOnly: boolean;
  /** False where cutting a few tokens off the end means to read others again. */
  readonly rewindsFreely: boolean;
  /** Steps that may have run beyond the text, at most: the states it goes on from are still there then. */
  readonly mostAhead: number;
  readonly #convolutions: ConvolutionRings;
  readonly #recurrence: RecurrentStates;

  constructor({ gpu, plan, buffers }: Pick<LoadedDecoder, 'gpu' | 'plan' | 'buffers'>) {
    const mixers = buffers.layers.flatMap((layer) => layer.mixers);
    const recurrent = mixers.filter((mixer) => isOfKind<RecurrentShape>(mixer, 'recurrent'));
    const convolutions = mixers.filter((mixer) => isOfKind<ConvolutionShape>(mixer, 'convolution'));
    const { states } = plan.shape;
    this.#recurrence = new RecurrentStates(gpu.device, recurrent, states);
    this.#convolutions = new ConvolutionRings(gpu.device, convolutions);
    this.rewindsFreely = recurrent.length === 0;
    this.hasPagesOnly = recurrent.length + convolutions.length === 0;
    this.mostAhead = recurrent.length === 0 ? Number.POSITIVE_INFINITY : states.slots - 1;
  }

  /** To be called before `count` tokens are written behind `position` ones, in one pass. */
  willWrite(position: number, count: number): void {
    this.#convolutions.willWrite(position + count);
    this.#recurrence.willWrite(position, count);
  }

  /** Where a text that is to be cut at `position` can be cut. What ran beyond it is forgotten. No model has both kinds. */
  cut(position: number): number {
    return this.#recurrence.cut(this.#convolutions.cut(position));
  }

  /** To be called before steps are tried behind `position` again and again; `cut` says afterwards where the text ends. */
  willTry(position: number): void {
    this.#recurrence.keep(position);
    this.#recurrence.lose();
  }
}

function isOfKind<Shape extends MixerShape>(mixer: MixerBuffers, kind: Shape['kind']): mixer is MixerBuffers<Shape> {
  return mixer.shape.kind === kind;
}
