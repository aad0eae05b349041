import type { FlowCondition, FlowDocument, FlowEdge, FlowNode, FlowProblem, FlowType } from '../../protocol/index.ts';
import type { Operations } from './operation.ts';

const MOST_NODES = 100;
const MOST_EDGES = 500;
const TYPES: ReadonlySet<string> = new Set(['text', 'number', 'boolean', 'record', 'any', 'text[]', 'record[]']);
const ID = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/;

/** True where a value of one type may be given where another is asked for. */
function fits(given: FlowType | undefined, asked: FlowType): boolean {
  if (given === undefined) return false;
  return given === asked || given === 'any' || asked === 'any';
}

function elementOf(type: FlowType): FlowType {
  return type === 'text[]' ? 'text' : type === 'record[]' ? 'record' : 'any';
}

/**
 * Everything that is wrong with a flow, each with its place. An empty list: it can run.
 *
 * @param hasExpert True for ids of experts that are there.
 */
export function validateFlow(
  value: unknown,
  operations: Operations,
  hasExpert: (id: string) => boolean,
): readonly FlowProblem[] {
  const shape = shapeProblems(value);
  if (shape.length > 0) return shape;
  const flow = value as FlowDocument;
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const problems = [
    ...flow.nodes.flatMap((node) => nodeProblems(node, flow, operations, hasExpert)),
    ...flow.edges.flatMap((edge, index) => edgeProblems(edge, `edges[${index}]`, flow, nodes, operations)),
    ...flow.output.flatMap((id, index) =>
      nodes.has(id) ? [] : [{ place: `output[${index}]`, message: `There is no node "${id}".` }],
    ),
  ];
  return problems.length > 0 ? problems : [...cycleProblems(flow), ...reachProblems(flow)];
}

function shapeProblems(value: unknown): FlowProblem[] {
  const problem = (place: string, message: string) => [{ place, message }];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return problem('flow', 'It is not an object.');
  const flow = value as Partial<Record<keyof FlowDocument, unknown>>;
  if (flow.flowVersion !== 1) return problem('flowVersion', 'This app reads flows of version 1.');
  for (const key of ['id', 'version', 'name', 'description'] as const) {
    if (typeof flow[key] !== 'string') return problem(key, 'It must be a text.');
  }
  if (!TYPES.has(String((flow.input as { type?: unknown } | undefined)?.type)))
    return problem('input.type', 'There is no such type.');
  if (!Array.isArray(flow.nodes) || flow.nodes.length === 0 || flow.nodes.length > MOST_NODES) {
    return problem('nodes', `There must be 1 to ${MOST_NODES} nodes.`);
  }
  if (!Array.isArray(flow.edges) || flow.edges.length > MOST_EDGES) return problem('edges', 'They must be a list.');
  if (!Array.isArray(flow.output) || flow.output.length === 0) return problem('output', 'It must name a node.');
  if (flow.reply !== undefined && !(Array.isArray(flow.reply) && flow.reply.every((item) => typeof item === 'string')))
    return problem('reply', 'It must be a list of texts.');
  if (flow.queue !== undefined && !isCondition(flow.queue, 0)) return problem('queue', 'It is no condition.');
  const seen = new Set<unknown>();
  for (const [index, node] of (flow.nodes as Partial<FlowNode>[]).entries()) {
    const isNode =
      typeof node === 'object' && node !== null && typeof node.id === 'string' && typeof node.uses === 'string';
    if (!isNode || !ID.test(node.id ?? '') || node.id === 'input')
      return problem(`nodes[${index}]`, 'It needs an "id" and "uses".');
    if (seen.has(node.id)) return problem(`nodes.${node.id}`, 'Two nodes have this id.');
    seen.add(node.id);
  }
  for (const [index, edge] of (flow.edges as Partial<FlowEdge>[]).entries()) {
    const isEdge =
      typeof edge === 'object' && edge !== null && typeof edge.from === 'string' && typeof edge.to === 'string';
    if (!isEdge) return problem(`edges[${index}]`, 'It needs "from" and "to".');
    if (edge.when !== undefined && !isCondition(edge.when, 0))
      return problem(`edges[${index}].when`, 'It is no condition.');
  }
  return [];
}

function isCondition(value: unknown, depth: number): value is FlowCondition {
  if (typeof value !== 'object' || value === null || depth > 8) return false;
  const condition = value as Record<string, unknown>;
  const parts = condition['all'] ?? condition['any'];
  if (parts !== undefined) return Array.isArray(parts) && parts.every((part) => isCondition(part, depth + 1));
  if (condition['not'] !== undefined) return isCondition(condition['not'], depth + 1);
  const tests = ['equals', 'in', 'atLeast', 'below', 'isEmpty'].filter((name) => Object.hasOwn(condition, name));
  return (
    typeof condition['path'] === 'string' && tests.length === 1 && (tests[0] !== 'in' || Array.isArray(condition['in']))
  );
}

function nodeProblems(
  node: FlowNode,
  flow: FlowDocument,
  operations: Operations,
  hasExpert: (id: string) => boolean,
): FlowProblem[] {
  const place = `nodes.${node.id}`;
  const operation = Object.hasOwn(operations, node.uses) ? operations[node.uses] : undefined;
  if (operation === undefined) {
    const known = Object.keys(operations).sort().join(', ');
    return [{ place, message: `There is no operation "${node.uses}". There are: ${known}.` }];
  }
  const problems: FlowProblem[] = [];
  const settings = node.with ?? {};
  const wrong = operation.check?.(settings);
  if (wrong !== undefined) problems.push({ place: `${place}.with`, message: wrong });
  const { expert } = settings;
  if (typeof expert === 'string' && !hasExpert(expert)) {
    problems.push({
      place: `${place}.with.expert`,
      message: `There is no expert "${expert}". Train or import it first.`,
    });
  }
  if (node.each !== undefined && !Object.hasOwn(operation.arguments, node.each)) {
    problems.push({ place: `${place}.each`, message: `"${node.uses}" takes no "${node.each}".` });
  }
  const given = new Set(flow.edges.filter(({ to }) => to === node.id).map(({ as }) => as));
  for (const [name, { isOptional }] of Object.entries(operation.arguments)) {
    if (isOptional !== true && !given.has(name) && !Object.hasOwn(settings, name)) {
      problems.push({ place, message: `No edge brings "${name}", which "${node.uses}" needs.` });
    }
  }
  return problems;
}

function edgeProblems(
  edge: FlowEdge,
  place: string,
  flow: FlowDocument,
  nodes: ReadonlyMap<string, FlowNode>,
  operations: Operations,
): FlowProblem[] {
  const target = nodes.get(edge.to);
  const source = nodes.get(edge.from);
  if (target === undefined) return [{ place, message: `There is no node "${edge.to}".` }];
  if (source === undefined && edge.from !== 'input') return [{ place, message: `There is no node "${edge.from}".` }];
  const targetOperation = operations[target.uses];
  if (edge.as === undefined || targetOperation === undefined) return [];
  const argument = Object.hasOwn(targetOperation.arguments, edge.as) ? targetOperation.arguments[edge.as] : undefined;
  if (argument === undefined) return [{ place, message: `"${target.uses}" takes no "${edge.as}".` }];
  const given = typeAlong(edge, source, flow, operations);
  const isEach = target.each === edge.as;
  if (given === 'unknown') return [{ place, message: `"${edge.from}" gives no "${edge.path}".` }];
  const asked = argument.type;
  const isRight = isEach
    ? given === 'any' || (given.endsWith('[]') && fits(elementOf(given), asked))
    : fits(given, asked);
  if (isRight) return [];
  return [
    {
      place,
      message: `"${edge.as}" of "${edge.to}" takes ${isEach ? `a list of ${asked}` : asked}; this brings ${given}.`,
    },
  ];
}

function typeAlong(
  edge: FlowEdge,
  source: FlowNode | undefined,
  flow: FlowDocument,
  operations: Operations,
): FlowType | 'unknown' {
  const [first, ...rest] = (edge.path ?? '').split('.');
  if (source === undefined) {
    if (!first) return flow.input.type;
    const field = flow.input.fields?.[first];
    if (field === undefined) return flow.input.type === 'any' || flow.input.fields === undefined ? 'any' : 'unknown';
    return rest.length > 0 ? 'any' : field;
  }
  if (source.each !== undefined) {
    if (!first) return 'record';
    return first !== 'items' ? 'unknown' : rest.length > 0 ? 'any' : 'record[]';
  }
  if (!first) return 'record';
  const result = operations[source.uses]?.result ?? {};
  if (Object.hasOwn(result, first)) return rest.length > 0 ? 'any' : (result[first] as FlowType);
  return result['*'] ?? 'unknown';
}

/** Takes away, again and again, what waits for nothing: what is left waits for itself. */
function cycleProblems({ nodes, edges }: FlowDocument): FlowProblem[] {
  const left = new Set(nodes.map(({ id }) => id));
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    for (const id of left) {
      if (edges.some(({ from, to }) => to === id && left.has(from))) continue;
      left.delete(id);
      hasChanged = true;
    }
  }
  if (left.size === 0) return [];
  return [
    { place: `nodes.${[...left][0]}`, message: `These wait for each other in a circle: ${[...left].join(', ')}.` },
  ];
}

/** Every node must be fed by the input, and must matter to the output. */
function reachProblems({ nodes, edges, output }: FlowDocument): FlowProblem[] {
  const spread = (start: readonly string[], next: (id: string) => readonly string[]) => {
    const seen = new Set(start);
    const queue = [...start];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      for (const other of next(id)) if (!seen.has(other)) queue.push(other);
      for (const other of next(id)) seen.add(other);
    }
    return seen;
  };
  const reached = spread(['input'], (id) => edges.filter(({ from }) => from === id).map(({ to }) => to));
  const needed = spread(output, (id) => edges.filter(({ to }) => to === id).map(({ from }) => from));
  return nodes.flatMap(({ id }) => {
    if (!reached.has(id)) return [{ place: `nodes.${id}`, message: 'It cannot be reached from the input.' }];
    return needed.has(id) ? [] : [{ place: `nodes.${id}`, message: 'Nothing that comes out depends on it.' }];
  });
}
