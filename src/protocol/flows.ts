import type { ExpertArtefact } from './experts.ts';

/** A pipeline as data. `flows/flow.schema.json` describes it; `validateFlow` checks it before it runs. */
export interface FlowDocument {
  readonly flowVersion: 1;
  readonly id: string;
  readonly version: string;
  readonly name: string;
  readonly description: string;
  /** What comes in: the type of the whole, and for a record those of its parts. */
  readonly input: { readonly type: FlowType; readonly fields?: Readonly<Record<string, FlowType>> };
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  /** The nodes whose result is the flow's; of several the first that ran. */
  readonly output: readonly string[];
  readonly budget?: FlowBudget;
  /** What it says in a chat: the first of these texts whose every "{part.of.the.output}" is there. */
  readonly reply?: readonly string[];
  /** A result that fulfils this waits for a person: it belongs in the queue, with everything the flow found out. */
  readonly queue?: FlowCondition;
  /** Data of the flow; a setting "$resources.NAME" stands for it. */
  readonly resources?: Readonly<Record<string, unknown>>;
}

/** What travels along an edge. `[]`: a list of it. `any` fits everything. */
export type FlowType = 'text' | 'number' | 'boolean' | 'record' | 'any' | 'text[]' | 'record[]';

export interface FlowBudget {
  readonly milliseconds?: number;
  /** Tokens written by language models. */
  readonly tokens?: number;
}

export interface FlowNode {
  readonly id: string;
  /** The operation: "task.entities", "expert.classify", "prompt", "human" … */
  readonly uses: string;
  /** Settings of the operation. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** Runs once for each item of this argument; the result is a record with `items`. */
  readonly each?: string;
  /** Tries again after a failure. */
  readonly retries?: number;
  readonly timeoutMs?: number;
  /** Taken as the result where the node fails in the end. */
  readonly fallback?: unknown;
}

/** Carries a result, or a part of it, to an argument of another node, if the condition holds. */
export interface FlowEdge {
  /** A node, or "input". */
  readonly from: string;
  readonly to: string;
  /** The argument it becomes. Of several live edges to one argument the first counts. Absent: only the condition matters. */
  readonly as?: string;
  /** A part of the result: "label", "items.0.text". Absent: all of it. */
  readonly path?: string;
  readonly when?: FlowCondition;
}

/** Looks at the result the edge comes from. */
export type FlowCondition =
  | { readonly path: string; readonly equals: string | number | boolean | null }
  | { readonly path: string; readonly in: readonly (string | number | boolean | null)[] }
  | { readonly path: string; readonly atLeast: number }
  | { readonly path: string; readonly below: number }
  | { readonly path: string; readonly isEmpty: boolean }
  | { readonly all: readonly FlowCondition[] }
  | { readonly any: readonly FlowCondition[] }
  | { readonly not: FlowCondition };

/** What is wrong with a flow, and where. */
export interface FlowProblem {
  /** "nodes.intent", "edges[3]". */
  readonly place: string;
  readonly message: string;
}

export interface FlowStep {
  readonly node: string;
  readonly uses: string;
  readonly status: 'done' | 'skipped' | 'failed' | 'fallback' | 'cached' | 'replayed' | 'waiting';
  readonly input?: unknown;
  readonly output?: unknown;
  /** How sure the node was, where it says so. */
  readonly score?: number;
  /** Which model or rule did it. */
  readonly model?: string;
  readonly attempts: number;
  readonly ms: number;
  readonly tokens: number;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface FlowTrace {
  readonly flow: string;
  readonly version: string;
  readonly seed: number;
  readonly steps: readonly FlowStep[];
  readonly ms: number;
  readonly tokens: number;
}

export interface FlowResult {
  readonly status: 'done' | 'waiting';
  /** True where a person has to go on: the flow waits, or its result is one for the queue. */
  readonly isEscalated: boolean;
  /** The result; of a flow that waits, what the person is asked. */
  readonly output: unknown;
  /** The result as a person reads it. */
  readonly reply: string;
  readonly trace: FlowTrace;
}

export interface FlowRunRequest {
  /** A flow of the product by its name, or a document. */
  readonly flow: string | FlowDocument;
  readonly input: unknown;
  readonly seed?: number;
  /** True: nothing is taken over from earlier runs; what time is measured with. */
  readonly isFresh?: boolean;
  /** Experts that the flow names and the product does not bring. */
  readonly experts?: readonly ExpertArtefact[];
  /** Results to be taken over instead of computed: replay, or the answer of a person. */
  readonly replay?: {
    readonly trace: FlowTrace;
    readonly from?: string;
    readonly answers?: Readonly<Record<string, unknown>>;
  };
}

export type FlowEvent =
  | { readonly type: 'flow-step'; readonly step: FlowStep }
  | { readonly type: 'flow-started'; readonly node: string };

/** A flow that the product brings, as a page lists it. */
export interface FlowSummary {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Something to try it with. */
  readonly sample: unknown;
}

/** The flows that the product brings. */
export const SYSTEM_FLOWS = [
  'search-report',
  'reviews',
  'support',
  'invoice',
  'contract',
  'compliance',
  'spam',
  'regional-support',
  'recommend',
  'redact',
] as const;

export type SystemFlowId = (typeof SYSTEM_FLOWS)[number];
