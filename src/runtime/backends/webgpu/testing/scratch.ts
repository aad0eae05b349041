import type { ShaderConstants } from '../kernel-sources.ts';

/** A scratch buffer for a kernel alone: a state, then named regions in the order given. */
export function testScratch(state: readonly number[], regions: Readonly<Record<string, Float32Array | number>>) {
  const constants: Record<string, number> = {};
  const starts = new Map<string, number>();
  let end = 4;
  for (const [name, region] of Object.entries(regions)) {
    const length = typeof region === 'number' ? region : region.length;
    constants[name] = end / 4;
    starts.set(name, end);
    end += Math.ceil(length / 4) * 4;
  }
  const words = new Uint32Array(end);
  words.set(state);
  for (const [name, region] of Object.entries(regions)) {
    if (typeof region !== 'number') new Float32Array(words.buffer).set(region, starts.get(name)!);
  }
  return {
    words,
    constants: constants as ShaderConstants,
    /** A region of what a kernel left. */
    read: (result: Float32Array, name: string, length: number) =>
      result.subarray(starts.get(name)!, starts.get(name)! + length),
  };
}
