import { type Envelope, type InferencePort, PROTOCOL_VERSION } from '../../protocol/index.ts';

/** Tabs of different versions do not share: each version has its own lock and channel. */
export const ENGINE_NAME = `sotto-engine-${PROTOCOL_VERSION}`;

export type EngineMethod = Exclude<keyof InferencePort, 'hello'>;

/** Methods that say something and are not answered. */
export const IS_WORD: ReadonlySet<EngineMethod> = new Set(['abort', 'hold']);

/** What the engine holds, by name only: another name means that what a tab loaded is gone. */
export interface EngineState {
  readonly incarnation: string;
  readonly isRunning: boolean;
}

/** A listener cannot cross: it stays where it is, and events find it by its place among the arguments. */
export type CallArgument = { readonly value: unknown } | { readonly listener: true };

export type EngineMessage =
  /** Whoever leads answers with `lead`. */
  | { readonly type: 'who'; readonly from: string }
  | { readonly type: 'lead'; readonly from: string; readonly state: EngineState }
  | {
      readonly type: 'call';
      readonly from: string;
      readonly to: string;
      readonly callId: string;
      readonly number: number;
      readonly method: EngineMethod;
      readonly args: readonly CallArgument[];
      /** The incarnation the caller loaded its model into. */
      readonly loaded: string;
    }
  | {
      readonly type: 'event';
      readonly from: string;
      readonly to: string;
      readonly number: number;
      readonly place: number;
      readonly event: unknown;
    }
  | {
      readonly type: 'result';
      readonly from: string;
      readonly to: string;
      readonly number: number;
      readonly envelope: Envelope<unknown>;
      readonly state: EngineState;
    };

/** The lock a tab holds as long as it lives, so that a leader notices when it is gone. */
export function tabLock(tab: string): string {
  return `sotto-tab-${tab}`;
}
