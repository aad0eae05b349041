import type { FlowDocument } from '../client/index.ts';

/** What a test settles when it likes. */
export interface Later<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

export const later = <Value>(keep: (later: Later<Value>) => void) =>
  new Promise<Value>((resolve, reject) => keep({ resolve, reject }));

/** What was settled has been taken up. */
export const settle = () => new Promise((resolve) => setTimeout(resolve));

/** A flow without steps. */
export const emptyFlow = (id: string): FlowDocument => ({
  flowVersion: 1,
  id,
  version: '1.0.0',
  name: id,
  description: '',
  input: { type: 'text' },
  nodes: [],
  edges: [],
  output: [],
});

/** Flows with these ids, whose documents come when the test says so. */
export function slowFlows(ids: readonly string[]) {
  const documents = new Map<string, Later<FlowDocument>>();
  const flows = {
    list: async () => ids.map((id) => ({ id, name: id, sample: `sample of ${id}` })),
    document: (id: string) => later<FlowDocument>((one) => documents.set(id, one)),
  };
  const arrive = async (id: string) => {
    while (!documents.has(id)) await settle();
    documents.get(id)?.resolve(emptyFlow(id));
    await settle();
  };
  return { flows, documents, arrive };
}
