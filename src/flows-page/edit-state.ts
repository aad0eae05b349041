import { computed, effect, signal } from '@preact/signals';
import { sayError } from '../app/i18n/index.ts';
import type { FlowDocument, FlowProblem, FlowStep, Sotto } from '../client/index.ts';
import type { FlowState } from './flow-state.ts';
import { TEXT } from './text.ts';

type Node = FlowDocument['nodes'][number];
type Edge = FlowDocument['edges'][number];

const EMPTY: FlowDocument = {
  flowVersion: 1,
  id: 'my-flow',
  version: '1.0.0',
  name: '',
  description: '',
  input: { type: 'text' },
  nodes: [{ id: 'language', uses: 'task.language' }],
  edges: [{ from: 'input', to: 'language', as: 'text' }],
  output: ['language'],
};

/** A pause in typing after which the flow is checked. */
const CHECK_AFTER_MS = 250;

/** The flow that is being edited. Every change makes a new document; it is checked as it grows. */
export function createEditState(sotto: Sotto, flows: FlowState) {
  const draft = signal<FlowDocument>(EMPTY);
  const problems = signal<readonly FlowProblem[]>([]);
  /** Fields whose text is no JSON, by their place. */
  const badFields = signal<ReadonlySet<string>>(new Set());
  const chosen = signal<string | null>(null);
  /** Counts the flows that were opened: what was half typed in the forms of one is not for the next. */
  const opened = signal(0);
  const message = signal('');
  /** Counts what a person did: a flow that was asked for before and comes later takes the place of none of it. */
  let done = 0;
  const isRight = computed(() => problems.value.length === 0 && badFields.value.size === 0);

  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const document = draft.value;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const found = await sotto.flows
        .validate(document)
        .catch(async (error: unknown) => [{ place: '', message: await sayError(error, TEXT.stopped) }]);
      // A later change is checked by itself.
      if (draft.value === document) problems.value = found;
    }, CHECK_AFTER_MS);
  });

  const change = (part: Partial<FlowDocument>) => {
    done += 1;
    draft.value = { ...draft.value, ...part };
    message.value = '';
  };
  const setNode = (index: number, node: Node) => {
    const before = draft.value.nodes[index]?.id;
    const rename = (id: string) => (id === before ? node.id : id);
    change({
      nodes: draft.value.nodes.map((one, at) => (at === index ? node : one)),
      edges: draft.value.edges.map((edge) => ({ ...edge, from: rename(edge.from), to: rename(edge.to) })),
      output: draft.value.output.map(rename),
    });
  };
  const open = (document: FlowDocument) => {
    done += 1;
    badFields.value = new Set();
    chosen.value = null;
    message.value = '';
    opened.value += 1;
    draft.value = document;
  };
  /** Opens what comes, unless a person did something else meanwhile; says why it does not come. */
  const openLater = async (
    coming: () => Promise<FlowDocument>,
    saysWhy: (error: unknown) => string | Promise<string>,
  ) => {
    done += 1;
    const own = done;
    try {
      const document = await coming();
      if (done === own) open(document);
    } catch (error) {
      const words = await saysWhy(error);
      if (done === own) message.value = words;
    }
  };
  return {
    draft,
    opened,
    problems,
    badFields,
    chosen,
    message,
    isRight,
    change,
    setNode,
    open,
    openEmpty: () => open(EMPTY),
    addNode: (uses: string) => {
      const ids = new Set(draft.value.nodes.map(({ id }) => id));
      const base = (uses.split('.').at(-1) ?? 'step').replace(/[^a-zA-Z0-9_-]/g, '');
      let id = base;
      for (let count = 2; ids.has(id) || id === 'input'; count++) id = `${base}${count}`;
      change({ nodes: [...draft.value.nodes, { id, uses }] });
      chosen.value = id;
    },
    removeNode: (index: number) => {
      const id = draft.value.nodes[index]?.id;
      change({
        nodes: draft.value.nodes.filter((_, at) => at !== index),
        edges: draft.value.edges.filter(({ from, to }) => from !== id && to !== id),
        output: draft.value.output.filter((one) => one !== id),
      });
    },
    setEdge: (index: number, edge: Edge) =>
      change({ edges: draft.value.edges.map((one, at) => (at === index ? edge : one)) }),
    addEdge: () => {
      const to = chosen.value ?? draft.value.nodes.at(-1)?.id;
      if (to !== undefined) change({ edges: [...draft.value.edges, { from: 'input', to }] });
    },
    removeEdge: (index: number) => change({ edges: draft.value.edges.filter((_, at) => at !== index) }),
    setOutput: (id: string, isOutput: boolean) =>
      change({
        output: isOutput ? [...draft.value.output, id] : draft.value.output.filter((one) => one !== id),
      }),
    markField: (place: string, isBad: boolean) => {
      done += 1;
      const next = new Set(badFields.value);
      if (isBad) next.add(place);
      else next.delete(place);
      if (next.size !== badFields.value.size) badFields.value = next;
    },
    keep: async () => {
      const document = draft.value;
      const isKept = await flows.keepOwn(document);
      // Of one that was changed since, only that it was not kept is worth a word.
      if (!isKept || draft.value === document) message.value = isKept ? TEXT.kept : TEXT.notKept;
    },
    /** Begins with one of the product's flows, or of one's own. */
    startFrom: (value: string) =>
      openLater(
        async () => {
          const document = await flows.documentOf(value);
          // Somebody else's flow becomes one's own under its own name.
          return value.startsWith('own:') ? document : { ...document, id: `my-${document.id}` };
        },
        (error) => sayError(error, TEXT.stopped),
      ),
    openFile: (file: File) =>
      openLater(
        async () => {
          const value = JSON.parse(await file.text()) as FlowDocument;
          if (!Array.isArray(value?.nodes) || !Array.isArray(value.edges) || !Array.isArray(value.output))
            throw new SyntaxError();
          return value;
        },
        () => TEXT.unreadable(file.name, TEXT.badJson),
      ),
    statuses: new Map<string, FlowStep['status']>(),
  };
}

export type EditState = ReturnType<typeof createEditState>;
