import { SottoError } from '../../shared/index.ts';
import { ONNX_LIMITS } from './limits.ts';
import { readTensor } from './tensor.ts';
import type { OnnxExternalData, OnnxModel } from './types.ts';
import { WireCursor, type WireField } from './wire-cursor.ts';

interface Found {
  readonly operators: Set<string>;
  readonly external: OnnxExternalData[];
  nodes: number;
  initialisers: number;
  parameters: number;
}

/**
 * Reads the outline of an ONNX model: what it computes with, its inputs and outputs, and every byte it wants from outside.
 * Field numbers are those of onnx.proto (ONNX 1.17). Throws `onnx-truncated`, `onnx-invalid`, `onnx-limit`.
 */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const found: Found = { operators: new Set(), external: [], nodes: 0, initialisers: 0, parameters: 0 };
  const opsets = new Map<string, number>();
  let irVersion = 0;
  let producer = '';
  let graph: { inputs: string[]; outputs: string[] } | undefined;
  forEachField(bytes, (field, cursor) => {
    if (field.number === 1 && field.type === 0) irVersion = cursor.integer();
    else if (field.number === 2 && field.type === 2) producer = cursor.text();
    else if (field.number === 7 && field.type === 2) graph = readGraph(cursor.bytes(), found, 0);
    else if (field.number === 8 && field.type === 2) readOpset(cursor.bytes(), opsets);
    else if (field.number === 25 && field.type === 2) readFunction(cursor.bytes(), found);
    else cursor.skip(field);
  });
  if (graph === undefined || irVersion === 0 || opsets.size === 0) {
    throw new SottoError('onnx-invalid', 'Not an ONNX model: it has no graph, version or operator set.');
  }
  const { operators, external, nodes, initialisers, parameters } = found;
  return { irVersion, producer, opsets, ...graph, operators, nodes, initialisers, parameters, external };
}

function forEachField(bytes: Uint8Array, visit: (field: WireField, cursor: WireCursor) => void): void {
  const cursor = new WireCursor(bytes);
  for (let field = cursor.next(); field !== undefined; field = cursor.next()) visit(field, cursor);
}

function readOpset(bytes: Uint8Array, opsets: Map<string, number>): void {
  let domain = '';
  let version = 0;
  forEachField(bytes, (field, cursor) => {
    if (field.number === 1) domain = cursor.text();
    else if (field.number === 2) version = cursor.integer();
    else cursor.skip(field);
  });
  if (version < 1 || version > ONNX_LIMITS.opset) {
    throw new SottoError('onnx-invalid', `Operator set "${domain}" has version ${version}.`);
  }
  opsets.set(domain, version);
}

function readGraph(bytes: Uint8Array, found: Found, depth: number): { inputs: string[]; outputs: string[] } {
  if (depth > ONNX_LIMITS.nesting) throw new SottoError('onnx-limit', `Graphs are nested ${depth} deep.`);
  const inputs: string[] = [];
  const outputs: string[] = [];
  const initialised = new Set<string>();
  forEachField(bytes, (field, cursor) => {
    if (field.number === 1) readNode(cursor.bytes(), found, depth);
    else if (field.number === 5) initialised.add(takeTensor(cursor.bytes(), found));
    else if (field.number === 11) inputs.push(readName(cursor.bytes()));
    else if (field.number === 12) outputs.push(readName(cursor.bytes()));
    else if (field.number === 15) readSparse(cursor.bytes(), found);
    else cursor.skip(field);
  });
  // Old exporters list weights among the inputs.
  return { inputs: inputs.filter((name) => !initialised.has(name)), outputs };
}

function takeTensor(bytes: Uint8Array, found: Found): string {
  const { name, elements, external } = readTensor(bytes);
  found.initialisers += 1;
  found.parameters += elements;
  if (found.initialisers > ONNX_LIMITS.initialisers) throw new SottoError('onnx-limit', 'Too many tensors.');
  if (external !== undefined) found.external.push(external);
  return name;
}

/** SparseTensorProto: values and indices are tensors, and may lie outside like any other. */
function readSparse(bytes: Uint8Array, found: Found): void {
  forEachField(bytes, (field, cursor) => {
    if (field.number === 1 || field.number === 2) takeTensor(cursor.bytes(), found);
    else cursor.skip(field);
  });
}

function readNode(bytes: Uint8Array, found: Found, depth: number): void {
  found.nodes += 1;
  if (found.nodes > ONNX_LIMITS.nodes) throw new SottoError('onnx-limit', 'The graph has too many nodes.');
  let operator = '';
  let domain = '';
  forEachField(bytes, (field, cursor) => {
    if (field.number === 4) operator = cursor.text();
    else if (field.number === 7) domain = cursor.text();
    else if (field.number === 5) readAttribute(cursor.bytes(), found, depth);
    else cursor.skip(field);
  });
  found.operators.add(domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`);
}

/** Tensors and graphs hide in attributes (Constant, If, Loop): external data there is external data all the same. */
function readAttribute(bytes: Uint8Array, found: Found, depth: number): void {
  forEachField(bytes, (field, cursor) => {
    if (field.number === 5 || field.number === 10) takeTensor(cursor.bytes(), found);
    else if (field.number === 6 || field.number === 11) readGraph(cursor.bytes(), found, depth + 1);
    else if (field.number === 22 || field.number === 23) readSparse(cursor.bytes(), found);
    else cursor.skip(field);
  });
}

function readFunction(bytes: Uint8Array, found: Found): void {
  forEachField(bytes, (field, cursor) => {
    if (field.number === 7 && field.type === 2) readNode(cursor.bytes(), found, 1);
    else cursor.skip(field);
  });
}

function readName(bytes: Uint8Array): string {
  let name = '';
  forEachField(bytes, (field, cursor) => {
    if (field.number === 1) name = cursor.text();
    else cursor.skip(field);
  });
  return name;
}
