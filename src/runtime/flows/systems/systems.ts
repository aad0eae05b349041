import type { FlowDocument, FlowSummary, SystemFlowId } from '../../../protocol/index.ts';

/** The flows that the product brings; each is loaded when it is first asked for. */
const FLOWS: Readonly<
  Record<SystemFlowId, { readonly flow: () => Promise<unknown>; readonly sample: () => Promise<unknown> }>
> = {
  'search-report': {
    flow: () => import('../../../../flows/search-report/flow.json'),
    sample: () => import('../../../../flows/search-report/sample.json'),
  },
  reviews: {
    flow: () => import('../../../../flows/reviews/flow.json'),
    sample: () => import('../../../../flows/reviews/sample.json'),
  },
  support: {
    flow: () => import('../../../../flows/support/flow.json'),
    sample: () => import('../../../../flows/support/sample.json'),
  },
  invoice: {
    flow: () => import('../../../../flows/invoice/flow.json'),
    sample: () => import('../../../../flows/invoice/sample.json'),
  },
  contract: {
    flow: () => import('../../../../flows/contract/flow.json'),
    sample: () => import('../../../../flows/contract/sample.json'),
  },
  compliance: {
    flow: () => import('../../../../flows/compliance/flow.json'),
    sample: () => import('../../../../flows/compliance/sample.json'),
  },
  spam: {
    flow: () => import('../../../../flows/spam/flow.json'),
    sample: () => import('../../../../flows/spam/sample.json'),
  },
  'regional-support': {
    flow: () => import('../../../../flows/regional-support/flow.json'),
    sample: () => import('../../../../flows/regional-support/sample.json'),
  },
  recommend: {
    flow: () => import('../../../../flows/recommend/flow.json'),
    sample: () => import('../../../../flows/recommend/sample.json'),
  },
  redact: {
    flow: () => import('../../../../flows/redact/flow.json'),
    sample: () => import('../../../../flows/redact/sample.json'),
  },
};

/** The experts that those flows name, trained by `npm run eval -- --train` from flows/experts/*.tsv. */
const EXPERTS: Readonly<Record<string, () => Promise<unknown>>> = {
  intent: () => import('../../../../flows/experts/intent.json'),
  sentiment: () => import('../../../../flows/experts/sentiment.json'),
  issues: () => import('../../../../flows/experts/issues.json'),
  spam: () => import('../../../../flows/experts/spam.json'),
  clauses: () => import('../../../../flows/experts/clauses.json'),
  'regional-intent': () => import('../../../../flows/experts/regional-intent.json'),
};

const contentOf = (module: unknown) => (module as { readonly default: unknown }).default;

/** A flow of the product by its name, or undefined. */
export async function systemFlow(id: string): Promise<FlowDocument | undefined> {
  const entry = Object.hasOwn(FLOWS, id) ? FLOWS[id as SystemFlowId] : undefined;
  return entry === undefined ? undefined : (contentOf(await entry.flow()) as FlowDocument);
}

/** An expert of the product by its name, or undefined. */
export async function systemExpert(id: string): Promise<unknown> {
  const load = Object.hasOwn(EXPERTS, id) ? EXPERTS[id] : undefined;
  return load === undefined ? undefined : contentOf(await load());
}

export function systemIds(): readonly string[] {
  return Object.keys(FLOWS);
}

export async function systemSummaries(): Promise<readonly FlowSummary[]> {
  return Promise.all(
    Object.entries(FLOWS).map(async ([id, entry]) => {
      const { name, description } = contentOf(await entry.flow()) as FlowDocument;
      return { id, name, description, sample: contentOf(await entry.sample()) };
    }),
  );
}
