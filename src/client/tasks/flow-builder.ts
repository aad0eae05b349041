import type {
  FLOW_OPERATIONS,
  FlowBudget,
  FlowCondition,
  FlowDocument,
  FlowEdge,
  FlowNode,
  FlowOperationName,
  FlowType,
} from '../../protocol/index.ts';

type Table = typeof FLOW_OPERATIONS;
type Takes<Name extends FlowOperationName> = keyof Table[Name]['takes'] & string;
type Setting<Name extends FlowOperationName> = Table[Name]['with'][number];

/** What a node may be given besides its operation. */
export interface NodeOptions<Name extends FlowOperationName> extends Omit<FlowNode, 'id' | 'uses' | 'with' | 'each'> {
  readonly with?: { readonly [Key in Setting<Name> | Takes<Name>]?: unknown };
  readonly each?: Takes<Name>;
}

export interface EdgeOptions<Argument extends string> {
  /** The argument it becomes; absent: the edge only opens or closes a way. */
  readonly as?: Argument;
  /** A part of the result: "label", "items.0.text". */
  readonly path?: string;
  readonly when?: FlowCondition;
}

/** What a flow is called and takes. */
export interface FlowHead {
  readonly id: string;
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
  readonly input?: { readonly type: FlowType; readonly fields?: Readonly<Record<string, FlowType>> };
  readonly budget?: FlowBudget;
  readonly reply?: readonly string[];
  readonly queue?: FlowCondition;
  readonly resources?: Readonly<Record<string, unknown>>;
}

/**
 * Writes a flow document step by step. Names of nodes, operations, arguments and settings are checked by the compiler; the rest
 * (types along edges, circles) by `sotto.flows.validate`. Each call gives a new builder; none is changed.
 */
export class FlowBuilder<Nodes extends Readonly<Record<string, FlowOperationName>> = Record<never, never>> {
  readonly #head: FlowHead;
  readonly #nodes: readonly FlowNode[];
  readonly #edges: readonly FlowEdge[];

  constructor(head: FlowHead, nodes: readonly FlowNode[] = [], edges: readonly FlowEdge[] = []) {
    this.#head = head;
    this.#nodes = nodes;
    this.#edges = edges;
  }

  node<const Id extends string, Name extends FlowOperationName>(
    id: Id,
    uses: Name,
    options: NodeOptions<Name> = {},
  ): FlowBuilder<Nodes & { readonly [Key in Id]: Name }> {
    return new FlowBuilder(this.#head, [...this.#nodes, { id, uses, ...options } as FlowNode], this.#edges);
  }

  /** `from`: a node, or "input". */
  edge<To extends keyof Nodes & string>(
    from: (keyof Nodes & string) | 'input',
    to: To,
    options: EdgeOptions<Takes<Nodes[To]>> = {},
  ): FlowBuilder<Nodes> {
    return new FlowBuilder(this.#head, this.#nodes, [...this.#edges, { from, to, ...options }]);
  }

  /** The document, whose result is that of the first of these nodes that ran. */
  build(...output: readonly [keyof Nodes & string, ...(keyof Nodes & string)[]]): FlowDocument {
    const { id, name = id, version = '1.0.0', description = '', input = { type: 'text' }, ...rest } = this.#head;
    return {
      flowVersion: 1,
      id,
      version,
      name,
      description,
      input,
      ...rest,
      nodes: this.#nodes,
      edges: this.#edges,
      output,
    };
  }
}
