import type { ChatCompletionTool } from '../../tools/index.ts';
import { type Approval, type RunnableTool, runCall } from '../../tools/run-tools.ts';
import type { ChatCompletionToolCall } from '../../tools/tool-types.ts';

/** A function of the page that a session may call. */
export interface LanguageModelTool {
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of an object: the arguments. */
  readonly inputSchema: object;
  /** Absent only where the page runs the calls itself (`expectedOutputs: [{ type: 'tool-call' }]`). */
  readonly execute?: (input: Readonly<Record<string, unknown>>) => unknown;
}

/** The tools of a session, checked: what the model is told of them, and how their calls run. */
export class SessionTools {
  readonly #tools: ReadonlyMap<string, RunnableTool>;
  readonly #approve: Approval | undefined;
  /** Whether calls are handed to the page instead of being run. */
  readonly isOpen: boolean;

  /** Throws a TypeError for what is no tool. */
  constructor(tools: readonly LanguageModelTool[], approve: Approval | undefined, isOpen = false) {
    this.#tools = new Map(tools.map((tool, index) => [tool?.name, runnable(tool, index, isOpen)]));
    this.isOpen = isOpen;
    if (this.#tools.size < tools.length) throw new TypeError('Two tools have the same name.');
    this.#approve = approve;
  }

  get size(): number {
    return this.#tools.size;
  }

  /** As a request describes them. */
  get described(): readonly ChatCompletionTool[] {
    return [...this.#tools.values()].map(({ type, function: { execute: _, ...definition } }) => ({
      type,
      function: definition,
    }));
  }

  /** Runs calls that were made together; what the model is told of each. What fails is told, too. */
  run(calls: readonly ChatCompletionToolCall[], signal: AbortSignal): Promise<readonly string[]> {
    return Promise.all(calls.map((call) => runCall(call, this.#tools.get(call.function.name), this.#approve, signal)));
  }
}

function runnable(tool: LanguageModelTool, index: number, isOpen: boolean): RunnableTool {
  const { name, description, inputSchema, execute } = tool ?? {};
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    throw new TypeError(`The name of tool ${index} must be 1 to 64 letters, digits, - and _.`);
  }
  if (typeof description !== 'string' || description === '')
    throw new TypeError(`The tool "${name}" needs a description.`);
  if (typeof inputSchema !== 'object' || inputSchema === null) throw invalidSchema(name);
  // A copy: what cannot be written as JSON says so now, and what the page changes later changes nothing here.
  const schema = JSON.parse(JSON.stringify(inputSchema)) as Readonly<Record<string, unknown>>;
  const { properties = {}, required = [] } = schema;
  if (
    schema['type'] !== 'object' ||
    typeof properties !== 'object' ||
    properties === null ||
    !Array.isArray(required)
  ) {
    throw invalidSchema(name);
  }
  const open = `expectedOutputs: [{ type: 'tool-call' }]`;
  if (isOpen && execute !== undefined) {
    throw new TypeError(`With ${open} the page runs the calls: the tool "${name}" has no need of "execute".`);
  }
  if (!isOpen && typeof execute !== 'function') {
    throw new TypeError(`The tool "${name}" needs a function "execute", or the session ${open}.`);
  }
  const run = (input: Readonly<Record<string, unknown>>) => execute?.(input);
  return { type: 'function', function: { name, description, parameters: schema, execute: run } };
}

function invalidSchema(name: string): TypeError {
  return new TypeError(`The inputSchema of the tool "${name}" must be a JSON Schema of the type "object".`);
}
