import { SottoError, systemClock } from '../../shared/index.ts';

/** While the browser's GPU process starts again there is no adapter. */
const RETURN_TRIES = 8;
const RETURN_PAUSE_MS = 250;

/** Makes an engine on a graphics device that was lost a moment ago. Rejects with what `create` rejects with. */
export async function oncePresent<Engine>(create: () => Promise<Engine>): Promise<Engine> {
  for (let tries = 1; ; tries++) {
    try {
      return await create();
    } catch (error) {
      if (tries === RETURN_TRIES || !SottoError.isInstance(error) || error.code !== 'backend-unavailable') throw error;
      await systemClock.sleep(RETURN_PAUSE_MS);
    }
  }
}
