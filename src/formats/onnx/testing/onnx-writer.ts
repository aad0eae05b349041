/** Writes just enough protocol buffers to build ONNX models, right and wrong ones. */

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

export function number(field: number, value: number): Uint8Array {
  return Uint8Array.of(...varint(field * 8), ...varint(value));
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function bytesField(field: number, value: Uint8Array): Uint8Array {
  return Uint8Array.of(...varint(field * 8 + 2), ...varint(value.length), ...value);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A node of an operator; `attribute` is the body of an AttributeProto. */
export function nodeWith(operator: string, attribute?: Uint8Array): Uint8Array {
  const parts = [bytesField(4, text(operator))];
  return join(attribute === undefined ? parts : [...parts, bytesField(5, attribute)]);
}

/** A float tensor whose bytes lie in another file. */
export function externalTensor(
  name: string,
  dims: readonly number[],
  entries: Readonly<Record<string, string>>,
): Uint8Array {
  const external = Object.entries(entries).map(([key, value]) =>
    bytesField(13, join([bytesField(1, text(key)), bytesField(2, text(value))])),
  );
  return join([
    ...dims.map((dim) => number(1, dim)),
    number(2, 1),
    bytesField(8, text(name)),
    ...external,
    number(14, 1),
  ]);
}

export function graphOf(nodes: readonly Uint8Array[], initialisers: readonly Uint8Array[]): Uint8Array {
  return join([...nodes.map((node) => bytesField(1, node)), ...initialisers.map((tensor) => bytesField(5, tensor))]);
}

export function modelOf(graph: Uint8Array): Uint8Array {
  const opset = join([bytesField(1, text('')), number(2, 17)]);
  return join([number(1, 8), bytesField(7, graph), bytesField(8, opset)]);
}
