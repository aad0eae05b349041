import { type ReadonlySignal, signal } from '@preact/signals';
import { isAbortError, type ModelLoadOptions, SottoError, type StoredModel } from '../../client/index.ts';
import type { Engine } from '../engine.ts';
import {
  type EngineChoice,
  engineOptionsOf,
  readEngineChoice,
  runOptionsOf,
  writeEngineChoice,
} from './engine-choice.ts';
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
  /** A model file of the person's; several are the parts of one model. */
  openFiles(files: readonly File[]): Promise<void>;
  /** Models that can be chosen: the site's, and those kept here. */
  readonly choices: ReadonlySignal<readonly ModelChoice[]>;
  /** A model of this site, or one that is kept here, in place of the one that runs; the next visit begins with it. */
  choose(modelId: string): Promise<void>;
  /** Back from a file to the site's own model. */
  openDefault(): Promise<void>;
  /** The engine that was asked for, and how it is to run. */
  readonly engineChoice: ReadonlySignal<EngineChoice>;
  /** True where the page's address names the engine: the wish then waits. */
  readonly isEngineForced: boolean;
  /** Asks for another way to run models, from now on; one that is there is loaded anew so. */
  useEngine(change: Partial<EngineChoice>): Promise<void>;
  remove(): Promise<void>;
  /** A model was deleted from this browser, not by `remove`: if it is the one that ran, the engine has let go of it. */
  noteRemoved(modelId: string): void;
  /** A network that came back continues a download that it broke off. */
  onNetworkBack(): void;
}

export interface ModelChoice {
  readonly id: string;
  readonly name: string;
  /** Bytes of the weight file. */
  readonly size: number;
  /** All of it is kept here. */
  readonly isHere: boolean;
}

export interface ModelControllerOptions {
  readonly engine: Engine;
  /** What the page's address says; nothing in it: the person's wish applies. */
  readonly load: Pick<ModelLoadOptions, 'backend' | 'threads'>;
  readonly modelId: string | null;
  /** True where the browser was told to save data: nothing big is fetched unasked. */
  readonly savesData: boolean;
  /** The model that was chosen last, across visits. */
  readonly chosen?: { read(): string | null; write(modelId: string): void };
  /** Settles when what is fetched from now on is in the account of requests. */
  readonly isCounted?: Promise<void>;
}

export function createModelController(options: ModelControllerOptions): ModelController {
  const { engine } = options;
  const state = signal<ModelState>({ kind: 'starting' });
  const stored = signal<readonly StoredModel[]>([]);
  const choices = signal<readonly ModelChoice[]>([]);
  const engineChoice = signal<EngineChoice>(readEngineChoice());
  const isEngineForced = Object.keys(options.load).length > 0;
  let running: AbortController | null = null;
  /** Counts what was asked for: a model whose description comes late gives way to what was asked for since. */
  let asked = 0;
  let isCounted = options.isCounted === undefined;
  void options.isCounted?.then(() => {
    isCounted = true;
  });

  const dispatch = (event: ModelEvent) => {
    state.value = reduceModel(state.value, event);
  };

  const refreshStored = async () => {
    stored.value = await engine.models.stored();
  };

  /** A guesser that is no longer here is not fetched unasked. */
  const presentChoice = (): EngineChoice => {
    const choice = engineChoice.value;
    const isHere = stored.value.some(({ id, complete }) => id === choice.draftModel && complete);
    return isHere ? choice : { ...choice, draftModel: null };
  };
  const load = async (subject: ModelSubject) => {
    running?.abort();
    const controller = new AbortController();
    running = controller;
    const storedBytes = stored.value.find(({ id }) => id === idOf(subject))?.storedBytes ?? 0;
    dispatch({ type: 'load-begin', subject, storedBytes });
    try {
      if (subject.origin.kind === 'catalogue' && !isCounted) await options.isCounted;
      // Paused, or another model was asked for, before anything began.
      controller.signal.throwIfAborted();
      const model = await engine.models.load(sourceOf(subject), {
        ...(isEngineForced ? options.load : engineOptionsOf(engineChoice.value.engine)),
        ...runOptionsOf(presentChoice(), idOf(subject)),
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
    void refreshChoices().catch(() => {});
  };

  const subjectFor = async (modelId: string): Promise<ModelSubject> => {
    const manifest = await engine.models.manifest(modelId);
    return { name: manifest.name, size: manifest.file.size, origin: { kind: 'catalogue', manifest } };
  };
  const findDefault = async (): Promise<ModelSubject> => {
    const catalogue = await engine.models.catalogue();
    const { modelId } = options;
    if (modelId !== null && !catalogue.some(({ id }) => id === modelId)) {
      throw new SottoError('model-unknown', `This site does not offer the model "${modelId}".`);
    }
    const remembered = modelId === null ? (options.chosen?.read() ?? null) : null;
    // One that is gone from the site and from this browser is no reason to stand still.
    if (remembered !== null) {
      const found = await subjectFor(remembered).catch(() => null);
      if (found !== null) return found;
    }
    return subjectFor(modelId ?? catalogue[0]?.id ?? '');
  };
  /** The list behind the choice of a model; what cannot be read is left out of it. */
  const refreshChoices = async () => {
    const catalogue = await engine.models.catalogue();
    const others = new Set(catalogue.filter(({ kind = 'chat' }) => kind !== 'chat').map(({ id }) => id));
    const offered = catalogue.filter(({ id }) => !others.has(id)).map(({ id }) => id);
    const kept = stored.value.filter(({ id, complete }) => complete && !others.has(id));
    const ids = new Set([...offered, ...kept.map(({ id }) => id)]);
    const found = await Promise.all(
      [...ids].map(async (id): Promise<ModelChoice[]> => {
        const here = kept.find((model) => model.id === id);
        if (here !== undefined) return [{ id, name: here.name, size: here.size, isHere: true }];
        const subject = await subjectFor(id).catch(() => null);
        return subject === null ? [] : [{ id, name: subject.name, size: subject.size, isHere: false }];
      }),
    );
    choices.value = found.flat();
  };

  const start = async () => {
    asked += 1;
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
    resume() {
      asked += 1;
      return resume();
    },
    openDefault: start,
    engineChoice,
    isEngineForced,
    async useEngine(change) {
      engineChoice.value = { ...engineChoice.value, ...change };
      writeEngineChoice(engineChoice.value);
      // The address names the engine: choosing another one changes nothing now.
      if (isEngineForced && Object.keys(change).every((name) => name === 'engine')) return;
      await refreshStored().catch(() => {});
      // As it is by then: what was paused or deleted meanwhile is not begun again for this.
      const { kind } = state.value;
      if (kind === 'ready' || kind === 'loading' || kind === 'failed' || kind === 'arriving') await resume();
    },
    pause() {
      if (state.value.kind !== 'arriving') return;
      dispatch({ type: 'load-pause' });
      running?.abort();
    },
    async openFiles(files) {
      const [first] = files;
      if (first === undefined) return;
      asked += 1;
      const size = files.reduce((sum, file) => sum + file.size, 0);
      await load({ name: first.name, size, origin: { kind: 'file', files } });
    },
    choices,
    async choose(modelId) {
      asked += 1;
      const own = asked;
      try {
        const subject = await subjectFor(modelId);
        await refreshStored();
        if (asked !== own) return;
        options.chosen?.write(modelId);
        await load(subject);
      } catch (error) {
        if (asked !== own) return;
        running?.abort();
        running = null;
        dispatch({ type: 'load-fail', failure: toFailure(error) });
      }
    },
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
      void refreshChoices().catch(() => {});
    },
    noteRemoved(modelId) {
      const subject = subjectOf(state.value);
      // One that is on its way learns of it from its own load, which is aborted.
      if (state.value.kind !== 'ready' || subject === null || idOf(subject) !== modelId) return;
      running = null;
      dispatch({ type: 'remove' });
      // The list of choices says what is here: it comes after what is known of that.
      void refreshStored()
        .then(refreshChoices)
        .catch(() => {});
    },
    onNetworkBack() {
      if (state.value.kind === 'failed' && isNetworkFailure(state.value.failure)) void resume();
    },
  };
}

function idOf({ origin }: ModelSubject): string {
  return origin.kind === 'catalogue' ? origin.manifest.id : '';
}

function sourceOf(subject: ModelSubject): string | File | readonly File[] {
  if (subject.origin.kind === 'catalogue') return idOf(subject);
  const [first, ...rest] = subject.origin.files;
  return first !== undefined && rest.length === 0 ? first : subject.origin.files;
}
