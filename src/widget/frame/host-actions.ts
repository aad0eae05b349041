import { type ReadonlySignal, signal } from '@preact/signals';
import type { RunnableTool } from '../../client/tools/index.ts';
import type { WidgetFrameMessage, WidgetTool } from '../../protocol/index.ts';
import { abortError } from '../../shared/index.ts';

/** A call that waits for the person's yes or no. */
export interface AskedAction {
  readonly name: string;
  readonly description: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly answer: (isAllowed: boolean) => void;
}

/** A page that does not say how its action went is not waited for any longer. */
const PATIENCE_MS = 30_000;

interface Waiting {
  readonly settle: (isOk: boolean, text: string) => void;
}

/**
 * What the host page offers to do. The model may ask for it, the person allows each single call after having seen what would be
 * done with what, and the page does it. What the page answers is told to the model as text.
 */
export class HostActions {
  readonly #tell: (message: WidgetFrameMessage) => void;
  readonly #asked = signal<AskedAction | null>(null);
  readonly #waiting = new Map<string, Waiting>();
  #tools: readonly WidgetTool[] = [];
  #next = 0;

  constructor(tell: (message: WidgetFrameMessage) => void) {
    this.#tell = tell;
  }

  get asked(): ReadonlySignal<AskedAction | null> {
    return this.#asked;
  }

  get isOffering(): boolean {
    return this.#tools.length > 0;
  }

  offer(tools: readonly WidgetTool[]): void {
    this.#tools = tools;
  }

  /** The person's word on one call. An abort is a no. */
  ask(name: string, given: Readonly<Record<string, unknown>>, abort: AbortSignal): Promise<boolean> {
    const tool = this.#tools.find((known) => known.name === name);
    if (tool === undefined || abort.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const answer = (isAllowed: boolean) => {
        this.#asked.value = null;
        resolve(isAllowed);
      };
      abort.addEventListener('abort', () => answer(false), { once: true });
      this.#asked.value = { name, description: tool.description, arguments: given, answer };
    });
  }

  /** Whatever waits for a word gets a no. */
  refuse(): void {
    this.#asked.value?.answer(false);
  }

  /** The actions as tools of a request. */
  runnable(signal: AbortSignal): readonly RunnableTool[] {
    return this.#tools.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters, execute: (given) => this.#run(name, given, signal) },
    }));
  }

  /** The page's answer to a call; one that nobody waits for is dropped. */
  answered(id: string, isOk: boolean, text: string): void {
    this.#waiting.get(id)?.settle(isOk, text);
  }

  #run(name: string, given: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<string> {
    const id = `call-${++this.#next}`;
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error('The page did not say whether it was done.'));
      }, PATIENCE_MS);
      signal.addEventListener(
        'abort',
        () => {
          end();
          reject(abortError());
        },
        { once: true },
      );
      this.#waiting.set(id, {
        settle: (isOk, text) => {
          end();
          if (isOk) resolve(text);
          else reject(new Error(text));
        },
      });
      this.#tell({ type: 'tool-call', id, name, arguments: given });
    });
  }
}
