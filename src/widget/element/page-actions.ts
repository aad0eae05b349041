import type { WidgetFrameMessage, WidgetHostMessage } from '../../protocol/index.ts';

/** An action of the page. */
export interface SottoTool {
  /** Letters, digits, "-", "_"; 64 at most. */
  readonly name: string;
  /** What it does, for the model and for the person who is asked. */
  readonly description: string;
  /** A JSON Schema of an object; absent: no arguments. The arguments satisfy it. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Does it. What it returns is told to the model; what it throws too. */
  readonly run: (given: Readonly<Record<string, unknown>>) => unknown;
}

type ToolCall = Extract<WidgetFrameMessage, { readonly type: 'tool-call' }>;

/** The page's actions: what is offered, and what runs when the person said yes. */
export class PageActions {
  readonly #tools = new Map<string, SottoTool>();
  readonly #send: (message: WidgetHostMessage) => void;
  readonly #isConnected: () => boolean;

  constructor(send: (message: WidgetHostMessage) => void, isConnected: () => boolean) {
    this.#send = send;
    this.#isConnected = isConnected;
  }

  register(tool: SottoTool): () => void {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(tool.name) || typeof tool.run !== 'function') {
      throw new TypeError('A tool needs a name of letters, digits, "-" and "_", and a function "run".');
    }
    this.#tools.set(tool.name, tool);
    this.offer();
    return () => {
      if (this.#tools.get(tool.name) !== tool) return;
      this.#tools.delete(tool.name);
      this.offer();
    };
  }

  offer(): void {
    if (!this.#isConnected()) return;
    const tools = [...this.#tools.values()].map(({ name, description, parameters }) => ({
      name,
      description: String(description ?? ''),
      parameters: parameters ?? { type: 'object', properties: {}, additionalProperties: false },
    }));
    this.#send({ type: 'tools', tools });
  }

  async run({ id, name, arguments: given }: ToolCall): Promise<void> {
    try {
      const tool = this.#tools.get(name);
      if (tool === undefined) throw new Error('The page has taken this action back.');
      const result = await tool.run(given);
      const text = typeof result === 'string' ? result : (JSON.stringify(result) ?? 'done');
      this.#send({ type: 'tool-result', id, isOk: true, text });
    } catch (error) {
      this.#send({
        type: 'tool-result',
        id,
        isOk: false,
        text: error instanceof Error ? error.message : String(error),
      });
    }
  }
}
