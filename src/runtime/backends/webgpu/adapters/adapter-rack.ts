import type { GgufFile } from '../../../../formats/gguf/types.ts';
import { type ByteSource, SottoError, throwIfAborted } from '../../../../shared/index.ts';
import { loraFromGguf, type WeightSpec } from '../../../architectures/index.ts';
import type { AdapterChoice } from '../../decoder-backend.ts';
import { readWeight } from '../../read-weight.ts';
import { BUFFER_USAGE } from '../buffer-usage.ts';
import { createDecodeSteps } from '../decode-steps.ts';
import { uploadsOf } from '../gpu-buffers.ts';
import type { LoadedDecoder } from '../loaded-decoder.ts';
import { compileHeadPrefill, createPrefillSteps } from '../prefill-steps.ts';
import type { WeightUpload } from '../weights/index.ts';
import { type AdapterPart, bankLayout, packBank } from './adapter-bank.ts';
import { type AdapterBuffers, LOW_HEADER, MOST_ACTIVE_QUADS } from './adapter-requests.ts';

/** An adapter's fours of ranks in the banks. */
interface LoadedAdapter {
  readonly firstQuad: number;
  readonly quads: number;
}

type Commands = Pick<LoadedDecoder, 'decode' | 'prefill' | 'buffers'>;

/** Queries, keys, values and what gates them: the most parts a matrix has. */
const MOST_PARTS = 4;

/** Adapters in GPU memory: loaded once beside the model, and in use as the list in front of the low values says. */
export class AdapterRack {
  readonly #decoder: LoadedDecoder;
  /** What runs where no adapter is in use. */
  readonly #plain: Commands;
  readonly #places: ReadonlyMap<WeightSpec, readonly { readonly upload: WeightUpload; readonly part: number }[]>;
  readonly #loaded = new Map<string, LoadedAdapter>();
  #adapted: Commands | undefined;
  #quads = 0;
  #active = 0;
  #chosen: readonly AdapterChoice[] = [];

  constructor(decoder: LoadedDecoder) {
    this.#decoder = decoder;
    this.#plain = { decode: decoder.decode, prefill: decoder.prefill, buffers: decoder.buffers };
    const { embedding, positionEmbedding, layerInputs } = decoder.buffers;
    const tables = new Set([...embedding, ...positionEmbedding, ...(layerInputs?.table ?? [])]);
    const places = new Map<WeightSpec, { upload: WeightUpload; part: number }[]>();
    for (const upload of uploadsOf(decoder.buffers)) {
      // Experts are many matrices in one, and no adapter file is known to have their shape.
      if (tables.has(upload) || upload.matrix.stack > 1) continue;
      for (const [part, { weight }] of upload.matrix.parts.entries()) {
        places.set(weight, [...(places.get(weight) ?? []), { upload, part }]);
      }
    }
    this.#places = places;
  }

  get names(): readonly string[] {
    return [...this.#loaded.keys()];
  }

  /** Bytes beside the model's own. */
  get memoryBytes(): number {
    const { adapters } = this.#adapted?.buffers ?? {};
    if (adapters === undefined) return 0;
    return [...adapters.banks.values(), adapters.token, adapters.chunk].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Throws `invalid-option` (a name that is taken), `gpu-out-of-memory`, what loraFromGguf throws, what the source rejects
   * with, or the device's fault; nothing is loaded then, and what was loaded before stays.
   */
  async load(name: string, gguf: GgufFile, source: ByteSource, signal?: AbortSignal): Promise<void> {
    if (this.#loaded.has(name)) throw new SottoError('invalid-option', `An adapter named "${name}" is loaded already.`);
    const parts = await this.#read(gguf, source, signal);
    const ranks = [...parts.values()].flat().map(({ pair }) => pair.a.rows);
    const adapter = { firstQuad: this.#quads, quads: Math.ceil(Math.max(0, ...ranks) / 4) };
    const before = this.#adapted;
    this.#adapted = await this.#commands(parts, adapter);
    this.#loaded.set(name, adapter);
    this.#quads += adapter.quads;
    this.#apply(this.#chosen);
    if (before !== undefined) this.#destroy(before, this.#adapted);
  }

  /** From now on exactly these apply. Throws `invalid-option` for one that is not loaded, or for too many ranks. */
  use(chosen: readonly AdapterChoice[]): void {
    let ranks = 0;
    for (const { name, scale } of chosen) {
      const adapter = this.#loaded.get(name);
      if (adapter === undefined) throw new SottoError('invalid-option', `No adapter named "${name}" is loaded.`);
      if (!Number.isFinite(scale)) throw new SottoError('invalid-option', `The scale of "${name}" is ${scale}.`);
      ranks += 4 * adapter.quads;
    }
    if (ranks > 4 * MOST_ACTIVE_QUADS) {
      const message = `These adapters have ${ranks} ranks together; ${4 * MOST_ACTIVE_QUADS} can apply at once on the GPU.`;
      throw new SottoError('invalid-option', message, { details: { ranks, most: 4 * MOST_ACTIVE_QUADS } });
    }
    this.#apply(chosen);
  }

  #apply(chosen: readonly AdapterChoice[]): void {
    this.#chosen = chosen;
    const words = new Uint32Array(4 * LOW_HEADER);
    const floats = new Float32Array(words.buffer);
    let active = 0;
    for (const { name, scale } of chosen) {
      const { firstQuad, quads } = this.#loaded.get(name)!;
      for (let quad = 0; scale !== 0 && quad < quads; quad++) {
        active += 1;
        words[4 * active] = firstQuad + quad;
        floats[4 * active + 1] = scale;
      }
    }
    words[0] = active;
    this.#active = active;
    const adapters = this.#adapted?.buffers.adapters;
    const { queue } = this.#decoder.gpu.device;
    for (const low of adapters === undefined ? [] : [adapters.token, adapters.chunk]) queue.writeBuffer(low, 0, words);
    Object.assign(this.#decoder, active === 0 ? this.#plain : this.#adapted);
  }

  async #read(gguf: GgufFile, source: ByteSource, signal: AbortSignal | undefined) {
    const parts = new Map<WeightUpload, AdapterPart[]>();
    for (const pair of loraFromGguf(gguf, this.#decoder.plan.spec)) {
      throwIfAborted(signal);
      const places = this.#places.get(pair.weight);
      if (places === undefined || pair.adds === 'to rows') {
        const message = `The adapter changes ${pair.weight.name}, which cannot be adapted on the GPU.`;
        throw new SottoError('model-unsupported', message, { details: { tensor: pair.weight.name } });
      }
      const a = await readWeight(pair.a, gguf, source, signal);
      const b = await readWeight(pair.b, gguf, source, signal);
      for (const { upload, part } of places) {
        parts.set(upload, [...(parts.get(upload) ?? []), { pair, part, a, b }]);
      }
    }
    return parts;
  }

  /** Banks with one adapter more, and the commands that read them. Nothing stays behind where it fails. */
  async #commands(
    parts: ReadonlyMap<WeightUpload, readonly AdapterPart[]>,
    { firstQuad, quads }: LoadedAdapter,
  ): Promise<Commands> {
    const { gpu, library, plan } = this.#decoder;
    const { device } = gpu;
    const { copySource, copyTarget, storage } = BUFFER_USAGE;
    const made: GPUBuffer[] = [];
    const create = (label: string, bytes: number) => {
      const most = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
      if (bytes > most) throw noRoom(bytes, most);
      const buffer = device.createBuffer({ label, size: bytes, usage: storage | copySource | copyTarget });
      made.push(buffer);
      return buffer;
    };
    const work = async (): Promise<Commands> => {
      const known = this.#adapted?.buffers.adapters?.banks;
      const banks = new Map<WeightUpload, GPUBuffer>(known ?? []);
      const encoder = device.createCommandEncoder();
      for (const [upload, own] of parts) {
        const layout = bankLayout(upload);
        const start = firstQuad * layout.quadWords * 16;
        const bank = create('adapters', start + quads * layout.quadWords * 16);
        const old = known?.get(upload);
        if (old !== undefined) encoder.copyBufferToBuffer(old, 0, bank, 0, old.size);
        device.queue.writeBuffer(bank, start, packBank(upload, layout, own, quads));
        banks.set(upload, bank);
      }
      device.queue.submit([encoder.finish()]);
      const active = Math.min(MOST_ACTIVE_QUADS, firstQuad + quads);
      const low = (tokens: number) => create('low values', 16 * (LOW_HEADER + tokens * MOST_PARTS * active));
      const adapters: AdapterBuffers = { banks, token: low(1), chunk: low(plan.chunk), active: () => this.#active };
      const buffers = { ...this.#plain.buffers, adapters };
      const [decode, prefill] = await Promise.all([
        createDecodeSteps(library, plan, buffers),
        createPrefillSteps(library, plan, buffers),
        compileHeadPrefill(library, plan, buffers),
      ]);
      await gpu.idle();
      return { decode, prefill, buffers };
    };
    try {
      return await gpu.guard('Making room for the adapter', work);
    } catch (error) {
      for (const buffer of made) buffer.destroy();
      throw error;
    }
  }

  /** Buffers of `before` that `now` does not use any more. */
  #destroy({ buffers: { adapters: before } }: Commands, { buffers: { adapters: now } }: Commands): void {
    const kept = new Set(now!.banks.values());
    for (const buffer of [...before!.banks.values(), before!.token, before!.chunk])
      if (!kept.has(buffer)) buffer.destroy();
  }
}

function noRoom(bytes: number, most: number): SottoError {
  const message = `The adapter would need a buffer of ${bytes} bytes; the graphics adapter allows ${most}.`;
  return new SottoError('gpu-out-of-memory', message, { details: { bytes, most } });
}
