import type { ModelLoadEvent, ModelManifest, ReadyModel } from '../../client/index.ts';
import type { Failure } from './failure.ts';

/** What the page knows of a model before it runs. */
export interface ModelSubject {
  readonly name: string;
  /** Bytes of the weight file. */
  readonly size: number;
  readonly origin:
    | { readonly kind: 'catalogue'; readonly manifest: ModelManifest }
    /** Read from disk by the person's choice; the browser forgets it with the page. */
    | { readonly kind: 'file'; readonly files: readonly File[] };
}

export interface Retry {
  readonly attempt: number;
  readonly waitMs: number;
  readonly reason: string;
}

interface Bytes {
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** What the graphics driver has compiled, of what. */
interface Kernels {
  readonly done: number;
  readonly total: number;
}

/** Where the model is on its way from the server, through this browser's storage, into memory. */
export type ModelState =
  | { readonly kind: 'starting' }
  /** Not begun by itself: the person asked the browser to save data. */
  | { readonly kind: 'offered'; readonly subject: ModelSubject }
  | ({ readonly kind: 'arriving'; readonly subject: ModelSubject; readonly retry: Retry | null } & Bytes)
  | ({ readonly kind: 'paused'; readonly subject: ModelSubject } & Bytes)
  | ({ readonly kind: 'loading'; readonly subject: ModelSubject; readonly kernels: Kernels | null } & Bytes)
  | { readonly kind: 'ready'; readonly subject: ModelSubject; readonly model: ReadyModel }
  | {
      readonly kind: 'failed';
      readonly subject: ModelSubject | null;
      readonly failure: Failure;
      readonly loadedBytes: number;
    }
  | { readonly kind: 'removed'; readonly subject: ModelSubject };

export type ModelEvent =
  | { readonly type: 'start' }
  | { readonly type: 'offer'; readonly subject: ModelSubject }
  | { readonly type: 'load-begin'; readonly subject: ModelSubject; readonly storedBytes: number }
  | { readonly type: 'load-event'; readonly event: ModelLoadEvent }
  | { readonly type: 'load-pause' }
  | { readonly type: 'load-end'; readonly model: ReadyModel }
  | { readonly type: 'load-fail'; readonly failure: Failure }
  | { readonly type: 'remove' };

/** The model of a state, once one is known. */
export function subjectOf(state: ModelState): ModelSubject | null {
  return state.kind === 'starting' ? null : state.subject;
}

function bytesOf(state: ModelState): number {
  return 'loadedBytes' in state ? state.loadedBytes : 0;
}

/** The next state; events that do not fit the present one (a late progress report after a pause) change nothing. */
export function reduceModel(state: ModelState, event: ModelEvent): ModelState {
  switch (event.type) {
    case 'start':
      return { kind: 'starting' };
    case 'offer':
      return { kind: 'offered', subject: event.subject };
    case 'load-begin': {
      const { subject, storedBytes } = event;
      const isHere = subject.origin.kind === 'file' || storedBytes >= subject.size;
      return isHere
        ? { kind: 'loading', subject, loadedBytes: 0, totalBytes: subject.size, kernels: null }
        : { kind: 'arriving', subject, loadedBytes: storedBytes, totalBytes: subject.size, retry: null };
    }
    case 'load-event':
      return onLoadEvent(state, event.event);
    case 'load-pause':
      if (state.kind !== 'arriving') return state;
      return { kind: 'paused', subject: state.subject, loadedBytes: state.loadedBytes, totalBytes: state.totalBytes };
    case 'load-end': {
      if (state.kind !== 'arriving' && state.kind !== 'loading') return state;
      return { kind: 'ready', subject: state.subject, model: event.model };
    }
    case 'load-fail':
      return { kind: 'failed', subject: subjectOf(state), failure: event.failure, loadedBytes: bytesOf(state) };
    case 'remove': {
      const subject = subjectOf(state);
      return subject === null ? state : { kind: 'removed', subject };
    }
  }
}

function onLoadEvent(state: ModelState, event: ModelLoadEvent): ModelState {
  if (state.kind !== 'arriving' && state.kind !== 'loading') return state;
  const { subject } = state;
  switch (event.type) {
    case 'download-progress': {
      const { loadedBytes, totalBytes } = event;
      // A model that is all here reports itself as fetched at once: that is no download worth showing.
      if (state.kind === 'loading' && loadedBytes >= totalBytes) return state;
      return { kind: 'arriving', subject, loadedBytes, totalBytes, retry: null };
    }
    case 'download-retry': {
      const { attempt, waitMs, reason } = event;
      const { loadedBytes, totalBytes } =
        state.kind === 'arriving' ? state : { loadedBytes: 0, totalBytes: subject.size };
      return { kind: 'arriving', subject, loadedBytes, totalBytes, retry: { attempt, waitMs, reason } };
    }
    // The next server is asked: the bytes go on where they were.
    case 'download-mirror':
      return state;
    case 'load-progress': {
      const kernels = state.kind === 'loading' ? state.kernels : null;
      return { kind: 'loading', subject, loadedBytes: event.loadedBytes, totalBytes: event.totalBytes, kernels };
    }
    case 'conversion-progress':
      return {
        kind: 'loading',
        subject,
        loadedBytes: event.doneBytes,
        totalBytes: event.totalBytes,
        kernels: null,
      };
    case 'kernel-progress': {
      const { loadedBytes, totalBytes } =
        state.kind === 'loading' ? state : { loadedBytes: 0, totalBytes: subject.size };
      const kernels = { done: event.doneKernels, total: event.totalKernels };
      return { kind: 'loading', subject, loadedBytes, totalBytes, kernels };
    }
  }
}
