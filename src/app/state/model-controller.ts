import { type ReadonlySignal, signal } from '@preact/signals';
import { isAbortError, type ModelLoadOptions, SottoError, type StoredModel } from '../../client/index.ts';
import type { Engine } from '../engine.ts';
import { isNetworkFailure, toFailure } from './failure.ts';
import { type ModelEvent, type ModelState, type ModelSubject, reduceModel, subjectOf } from './model.ts';

export interface ModelController {
  readonly state: ReadonlySignal<ModelState>;
  /** Models kept in this browser, whole or in part. */
  readonly stored: ReadonlySignal<readonly StoredModel[]>;
  /** Finds the site's model and fetches it, unless the person asked for less traffic. */
  start(): Promise<void>;
  pause(): void;
  /** Begins, resumes or tries again, whatever the state asks for. */
  resume(): Promise<void>;
  openFile(file: File): Promise<void>;
  /** Back from a file to the site's own model. */
  openDefault(): Promise<void>;
  remove(): Promise<void>;
  /** A network that came back continues a download that it broke off. */
  onNetworkBack(): void;
}

export interface ModelControllerOptions {
  readonly engine: Engine;
  readonly load: Pick<ModelLoadOptions, 'backend' | 'threads'>;
  readonly modelId: string | null;
  /** True where the browser was told to save data: nothing big is fetched unasked. */
  readonly savesData: boolean;
}

export function createModelController(options: ModelControllerOptions): ModelController {
  const { engine } = options;
  const state = signal<ModelState>({ kind: 'starting' });
  const stored = signal<readonly StoredModel[]>([]);
  let running: AbortController | null = null;

  const dispatch = (event: ModelEvent) => {
    state.value = reduceModel(state.value, event);
  };

  const refreshStored = async () => {
    stored.value = await engine.models.stored();
  };

  const load = async (subject: ModelSubject) => {
    running?.abort();
    const controller = new AbortController();
    running = controller;
    const storedBytes = stored.value.find(({ id }) => id === idOf(subject))?.storedBytes ?? 0;
    dispatch({ type: 'load-begin', subject, storedBytes });
    try {
      const model = await engine.models.load(subject.origin.kind === 'file' ? subject.origin.file : idOf(subject), {
        ...options.load,
        signal: controller.signal,
        onProgress: (event) => {
          if (running === controller) dispatch({ type: 'load-event', event });
        },
      });
      if (running === controller) dispatch({ type: 'load-end', model });
    } catch (error) {
      if (running === controller && !isAbortError(error)) dispatch({ type: 'load-fail', failure: toFailure(error) });
      // An abort that is not our own: another tab deleted what was on its way.
      else if (running === controller && !controller.signal.aborted) dispatch({ type: 'remove' });
    }
    // What is kept has changed with success and failure alike. That the list cannot be read is told when it matters.
    await refreshStored().catch(() => {});
  };

  const findDefault = async (): Promise<ModelSubject> => {
    const catalogue = await engine.models.catalogue();
    const entry = options.modelId === null ? catalogue[0] : catalogue.find(({ id }) => id === options.modelId);
    if (entry === undefined) {
      throw new SottoError('model-unknown', `This site does not offer the model "${options.modelId ?? ''}".`);
    }
    const manifest = await engine.models.manifest(entry.id);
    return { name: manifest.name, size: manifest.file.size, origin: { kind: 'catalogue', manifest } };
  };

  const start = async () => {
    running?.abort();
    const controller = new AbortController();
    running = controller;
    dispatch({ type: 'start' });
    try {
      const subject = await findDefault();
      await refreshStored();
      // Meanwhile a person may have opened a file.
      if (running !== controller) return;
      const isHere = stored.value.some(({ id, complete }) => id === idOf(subject) && complete);
      if (options.savesData && !isHere) dispatch({ type: 'offer', subject });
      else await load(subject);
    } catch (error) {
      if (running === controller) dispatch({ type: 'load-fail', failure: toFailure(error) });
    }
  };

  const resume = async () => {
    const subject = subjectOf(state.value);
    await (subject === null ? start() : load(subject));
  };

  return {
    state,
    stored,
    start,
    resume,
    openDefault: start,
    pause() {
      if (state.value.kind !== 'arriving') return;
      dispatch({ type: 'load-pause' });
      running?.abort();
    },
    openFile: (file) => load({ name: file.name, size: file.size, origin: { kind: 'file', file } }),
    async remove() {
      const subject = subjectOf(state.value);
      if (subject?.origin.kind !== 'catalogue') return;
      running?.abort();
      running = null;
      try {
        await engine.models.delete(idOf(subject));
        // Unless a file was opened meanwhile.
        if (running === null) dispatch({ type: 'remove' });
      } catch (error) {
        if (running === null) dispatch({ type: 'load-fail', failure: toFailure(error) });
      }
      await refreshStored().catch(() => {});
    },
    onNetworkBack() {
      if (state.value.kind === 'failed' && isNetworkFailure(state.value.failure)) void resume();
    },
  };
}

function idOf({ origin }: ModelSubject): string {
  return origin.kind === 'catalogue' ? origin.manifest.id : '';
}
