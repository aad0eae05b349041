import { PLAN } from '../plan-fields';

/** Reads an integer or an address from the plan. */
// @ts-expect-error: decorator
@inline
export function field(offset: i32): i32 {
  return load<i32>(PLAN + offset);
}

/** Reads a scale from the plan. */
// @ts-expect-error: decorator
@inline
export function scaleField(offset: i32): f32 {
  return load<f32>(PLAN + offset);
}
