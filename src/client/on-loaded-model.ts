import { SottoError } from '../shared/index.ts';
import type { Models } from './models.ts';
import { untilAborted } from './until-aborted.ts';

const TRIES = 4;
const PAUSE_MS = 60;

/**
 * Runs a call of the loaded model. Where another tab has loaded a model meanwhile and the call therefore never began, the
 * model is loaded again and the call repeated, a few times.
 */
export async function onLoadedModel<T>(
  models: Pick<Models, 'ready'>,
  modelId: string,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === TRIES || !isUnbegun(error)) throw error;
      // Two tabs that take the engine from each other must not do so in step.
      const pause = attempt * PAUSE_MS * (1 + Math.random());
      await untilAborted(new Promise((resolve) => setTimeout(resolve, pause)), signal);
      await models.ready(modelId, signal);
    }
  }
}

function isUnbegun(error: unknown): boolean {
  return SottoError.isInstance(error) && error.code === 'engine-moved' && error.details['hasRun'] === false;
}
