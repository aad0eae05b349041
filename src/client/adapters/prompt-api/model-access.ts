import type { ChatCompletions } from '../../chat-completions.ts';
import type { ReadyModel } from '../../model-load.ts';
import type { Models } from '../../models.ts';
import type { Approval } from '../../tools/run-tools.ts';
import { domError } from './dom-errors.ts';

/** What the adapter needs of Sotto. */
export interface PromptApiEngine {
  readonly models: Pick<Models, 'list' | 'load' | 'loaded'>;
  readonly chat: { readonly completions: Pick<ChatCompletions, 'create' | 'countTokens'> };
}

export type Availability = 'unavailable' | 'downloadable' | 'downloading' | 'available';

/** Shares are whole multiples of this part, as the platform has them: finer ones would tell sites apart by size. */
const PROGRESS_STEPS = 0x10000;

/** Called with an event target that fires `downloadprogress`, whose `loaded` runs from 0 to 1. */
export type CreateMonitorCallback = (monitor: EventTarget) => void;

export interface CreateOptions {
  readonly signal?: AbortSignal | undefined;
  readonly monitor?: CreateMonitorCallback | undefined;
}

/** Fired while a model is on its way: how much of it is here, as a share. */
export class DownloadProgressEvent extends Event {
  readonly loaded: number;
  readonly total = 1;
  readonly lengthComputable = true;

  constructor(loaded: number) {
    super('downloadprogress');
    this.loaded = loaded;
  }
}

/** One model of an engine: whether it is here, and its way here. */
export class ModelAccess {
  readonly engine: PromptApiEngine;
  readonly modelId: string;
  /** Whether calls of tools run; undefined: the person is asked. */
  readonly approve: Approval | undefined;
  #downloads = 0;

  constructor(engine: PromptApiEngine, modelId: string, approve?: Approval) {
    this.engine = engine;
    this.modelId = modelId;
    this.approve = approve;
  }

  async availability(): Promise<Availability> {
    if (this.engine.models.loaded?.id === this.modelId) return 'available';
    const { data } = await this.engine.models.list();
    const entry = data.find(({ id }) => id === this.modelId);
    if (entry === undefined) return 'unavailable';
    if (entry.sotto.isStored) return 'available';
    return this.#downloads > 0 ? 'downloading' : 'downloadable';
  }

  /** Makes the model ready. Progress is told from 0 to 1, also where nothing had to be fetched, as the platform does. */
  async ready(target: EventTarget, signal: AbortSignal | undefined): Promise<ReadyModel> {
    const { models } = this.engine;
    if (models.loaded !== null && models.loaded.id === this.modelId) {
      tell(target, 0);
      tell(target, 1);
      return models.loaded;
    }
    if ((await this.availability()) === 'unavailable') {
      throw domError('NotSupportedError', `There is no model "${this.modelId}" here.`);
    }
    tell(target, 0);
    let told = 0;
    this.#downloads += 1;
    try {
      const model = await models.load(this.modelId, {
        signal,
        onProgress: (event) => {
          if (event.type !== 'download-progress' || event.totalBytes === 0) return;
          const share = Math.floor((event.loadedBytes / event.totalBytes) * PROGRESS_STEPS) / PROGRESS_STEPS;
          if (share <= told || share >= 1) return;
          told = share;
          tell(target, share);
        },
      });
      tell(target, 1);
      return model;
    } finally {
      this.#downloads -= 1;
    }
  }
}

function tell(target: EventTarget, loaded: number): void {
  target.dispatchEvent(new DownloadProgressEvent(loaded));
}

/** Canonical language tags; throws a RangeError for what is none, as the platform does. */
export function checkLanguages(languages: unknown): void {
  if (languages !== undefined) Intl.getCanonicalLocales(languages as string[]);
}
