import type {
  ChatCompletionMessage,
  ChatCompletionRequest,
  ChatCompletionTool,
  ExpertArtefact,
  FlowDocument,
  FlowTrace,
  LabelledRow,
  SearchHit,
  Sotto,
} from 'sotto';
import type { LanguageModelClass, LanguageModelMessage } from 'sotto/prompt-api';
import type { z } from 'zod';

// What the snippets of docs/guide take as given: each name stands for something of the reader's own.
declare global {
  const sotto: Sotto;
  const LanguageModel: LanguageModelClass;

  const model: string;
  const messages: ChatCompletionMessage[];
  const initialPrompts: readonly LanguageModelMessage[];
  const request: ChatCompletionRequest;
  const text: string;
  const texts: readonly string[];
  const values: string[];
  const signal: AbortSignal;

  const file: File;
  const files: readonly File[];
  const part1: File;
  const part2: File;
  const hits: readonly SearchHit[];

  const flow: FlowDocument;
  const input: unknown;
  const trace: FlowTrace;

  const expert: ExpertArtefact;
  const before: ExpertArtefact;
  const rows: readonly LabelledRow[];
  const unlabelled: readonly string[];
  const heldOutRows: readonly LabelledRow[];
  const rowsThatMustStayRight: readonly LabelledRow[];
  const checked: readonly LabelledRow[];
  const labels: readonly string[];
  const instructions: string;
  const start: number;
  const end: number;
  const keys: CryptoKeyPair;
  const publicKey: string;

  const Person: z.ZodObject;
  const definition: ChatCompletionTool['function'];
  const inputSchema: Readonly<Record<string, unknown>>;
  // A tool as the library of the snippet wants it.
  // biome-ignore lint/suspicious/noExplicitAny: each library has a type of its own
  const weather: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const tools: any;

  function show(shown: unknown): void;
  function offerAgain(): void;
  function weatherOf(city: unknown): Promise<string>;
  function askThePerson(name: string, given: unknown): Promise<boolean>;
  function onProgress(event: unknown): void;
  function onEvent(event: unknown): void;
}
