import type { SottoError } from '../../../shared/index.ts';

const ENGINE_FAULTS: ReadonlySet<string> = new Set([
  'backend-unavailable',
  'gpu-out-of-memory',
  'device-lost',
  'model-unsupported',
  'numeric-fault',
  'internal',
]);

/** Whether an engine is at fault, so that another may do better; not the file, and not whoever stopped it. */
export function isEngineFault({ code }: SottoError): boolean {
  return ENGINE_FAULTS.has(code);
}
