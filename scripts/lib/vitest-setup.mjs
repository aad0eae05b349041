import { buildWasm } from './build.mjs';

/** Tests import the compiled kernels, which git does not hold. */
export async function setup() {
  await buildWasm();
}
