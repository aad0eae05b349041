import type { NormSpec, VectorSpec, WeightSpec } from '../../architectures/index.ts';
import { type KernelType, kernelTypeOf } from './kernel-types.ts';

/** Where a weight lies: groups of 8 rows, `stride` bytes from one group to the next. */
export interface MatrixPlace {
  readonly weight: WeightSpec;
  readonly type: KernelType;
  readonly address: number;
  readonly stride: number;
  readonly groups: number;
  readonly blocks: number;
  /** Address of the bias, zeros up to a whole group; 0 for none. */
  readonly bias: number;
}

/** Where a vector lies. Without a `vector` in the file it is ones: the weights of a norm that has none. */
export interface VectorPlace {
  readonly vector: VectorSpec | undefined;
  readonly size: number;
  readonly address: number;
}

/** Addresses of a norm's weights and bias; 0 for none. */
export interface NormPlace {
  readonly weight: number;
  readonly bias: number;
}

/** A cache line: nothing that two threads write shares one, and every vector access is aligned. */
const ALIGNMENT = 64;

export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Hands out addresses one after the other. */
export class Allocator {
  #next: number;
  constructor(start: number) {
    this.#next = roundUp(start, ALIGNMENT);
  }
  take(bytes: number): number {
    const address = this.#next;
    this.#next = roundUp(address + bytes, ALIGNMENT);
    return address;
  }
  get end(): number {
    return this.#next;
  }
}

/** Gives weights their places and remembers all of them, for whoever fills them. */
export class WeightPlaces {
  readonly matrices: MatrixPlace[] = [];
  readonly vectors: VectorPlace[] = [];
  readonly #memory: Allocator;

  constructor(memory: Allocator) {
    this.#memory = memory;
  }

  matrix(weight: WeightSpec): MatrixPlace {
    const stride = groupBytes(weight);
    return this.#place(weight, this.#memory.take(groupsOf(weight) * stride), stride);
  }

  /** A matrix of another type beside one that is there; whoever fills that fills it too. */
  beside(place: MatrixPlace, type: KernelType): MatrixPlace {
    const stride = place.blocks * type.groupBytes;
    return { ...place, type, stride, address: this.#memory.take(place.groups * stride) };
  }

  /** The address of a vector, padded with zeros to whole groups; 0 for undefined. */
  vector(vector: VectorSpec | undefined): number {
    return vector === undefined ? 0 : this.#vector(vector, vector.size);
  }

  /** A norm over `size` values. One that is there but has no weight gets ones: the kernels know one form only. */
  norm(norm: NormSpec | undefined, size: number): NormPlace {
    if (norm === undefined) return { weight: 0, bias: 0 };
    return { weight: this.#vector(norm.weight, size), bias: this.vector(norm.bias) };
  }

  #vector(vector: VectorSpec | undefined, size: number): number {
    const address = this.#memory.take(roundUp(size, 8) * 4);
    this.vectors.push({ vector, size, address });
    return address;
  }

  #place(weight: WeightSpec, address: number, stride: number): MatrixPlace {
    const place: MatrixPlace = {
      weight,
      type: kernelTypeOf(weight.type)!,
      address,
      stride,
      groups: groupsOf(weight),
      blocks: weight.columns / 32,
      bias: this.vector(weight.bias),
    };
    this.matrices.push(place);
    return place;
  }
}

function groupsOf({ rows }: WeightSpec): number {
  return Math.ceil(rows / 8);
}

function groupBytes(weight: WeightSpec): number {
  return (weight.columns / 32) * kernelTypeOf(weight.type)!.groupBytes;
}
