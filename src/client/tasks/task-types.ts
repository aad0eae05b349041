import type { ExpertArtefact } from '../../protocol/index.ts';
import type { TaskOptions } from './job-runner.ts';

export type TaskSettings = Readonly<Record<string, unknown>>;

/** What every task answers with, and which model or rule did it. */
export type TaskResult<T> = Promise<T & { readonly model: string }>;

export type ManyOptions = TaskOptions & { readonly experts?: readonly ExpertArtefact[] };

/** Texts, or the arguments of the operation. */
export type TasksOfMany = readonly (string | Readonly<Record<string, unknown>>)[];

export interface Entity {
  readonly kind: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly value: string;
  readonly score: number;
}

/** A part of a text that a verdict rests on: offsets in UTF-16 units. */
export interface Evidence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

export interface Classified {
  readonly label: string;
  readonly score: number;
  readonly isKnown: boolean;
  readonly scores: readonly { readonly label: string; readonly score: number }[];
  /** Where it was asked for. */
  readonly evidence?: readonly Evidence[];
  readonly model: string;
}

export interface Redacted {
  readonly text: string;
  readonly found: readonly (Omit<Entity, 'text' | 'value'> &
    Partial<Pick<Entity, 'text' | 'value'>> & { readonly placeholder: string })[];
}

export interface Moderated {
  readonly isFine: boolean;
  /** Of the gravest finding. */
  readonly score: number;
  readonly kinds: readonly string[];
  readonly findings: readonly (Evidence & { readonly kind: string; readonly reason: string })[];
}

export interface Extracted {
  readonly record: Readonly<Record<string, unknown>>;
  readonly missing: readonly string[];
  /** Where each value stands, by its path. */
  readonly evidence: Readonly<Record<string, Omit<Evidence, 'score'>>>;
  /** Values that a model wrote and the text does not hold; they are null in the record. */
  readonly unsupported?: readonly { readonly path: string; readonly value: unknown }[];
  readonly score: number;
}

/** Which model writes: one that is named, or any of so many parameters. */
export interface WritingSettings {
  readonly model?: string;
  /** 0: whatever is loaded. Absent: what the task needs to be done well. */
  readonly leastParameters?: number;
}

export interface SummarySettings extends WritingSettings {
  readonly by?: 'auto' | 'model' | 'sentences';
  readonly style?: 'short' | 'bullets';
  /** Sentences or points at most; default 3. */
  readonly sentences?: number;
}

export interface Summarised {
  readonly text: string;
  readonly bullets: readonly string[];
  /** The sentences it consists of, with their places; of a text that a model wrote, none. */
  readonly sentences: readonly Evidence[];
  /** Sentences that a model wrote and the text does not bear out. */
  readonly unsupported?: readonly string[];
  /** Parts that the text was read in. */
  readonly parts: number;
}

export interface Translated {
  readonly text: string;
  readonly from: string;
  readonly to: string;
  /** False: what came out does not look like the language that was asked for. */
  readonly isRight: boolean;
}

export interface AnswerSettings extends WritingSettings {
  readonly by?: 'sentences' | 'model';
}

export interface Answered {
  /** Empty: the documents do not say. */
  readonly text: string;
  readonly score: number;
  readonly citations: readonly {
    readonly document: string;
    readonly title: string;
    readonly quote: string;
    readonly score: number;
  }[];
  readonly claims: readonly string[];
  readonly unsupported?: readonly { readonly text: string; readonly verdict: string }[];
  readonly model: string;
}
