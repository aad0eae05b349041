import { SottoError } from '../../client/index.ts';
import { OPEN_POLICY, type Policy } from '../../policy/index.ts';
import type { AssistantEngine } from '../frame/assistant.ts';

/** What the engine of a test does; everything absent goes well. */
export interface EngineScript {
  readonly policy?: Policy | SottoError;
  /** Whether the model is here already. */
  readonly isStored?: boolean;
  /** The download waits at half its way until this settles. */
  readonly arrival?: Promise<void>;
  readonly answer?: string;
  /** The model asks for this action of the page before it answers. */
  readonly call?: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> };
  /** A passage every question finds. */
  readonly passage?: { readonly title: string; readonly text: string; readonly address: string };
}

const MODEL = { id: 'scripted', name: 'Scripted', bytes: 98_000_000 };
export const PACK_URL = 'knowledge/scripted.pack';

/** An engine without a model: the parts of Sotto the assistant uses, as the script has them. */
export function scriptedEngine(script: EngineScript): AssistantEngine {
  const answer = script.answer ?? 'An answer.';
  let isStored = script.isStored ?? false;
  const passage = script.passage;
  const chunk = (content: string) => ({ choices: [{ delta: { content } }] });
  const engine = {
    policy: async () => {
      const policy = script.policy ?? OPEN_POLICY;
      if (SottoError.isInstance(policy)) throw policy;
      return passage === undefined
        ? policy
        : { ...policy, widget: { ...policy.widget, knowledge: [{ url: PACK_URL }] } };
    },
    models: {
      catalogue: async () => [{ id: MODEL.id, name: MODEL.name, manifest: 'manifest.json' }],
      manifest: async () => ({ id: MODEL.id, file: { size: MODEL.bytes } }),
      stored: async () => [{ id: MODEL.id, complete: isStored, storedBytes: isStored ? MODEL.bytes : 0 }],
      load: async (_: string, { onProgress }: { onProgress: (event: object) => void }) => {
        const half = { type: 'download-progress', loadedBytes: MODEL.bytes / 2, totalBytes: MODEL.bytes };
        if (!isStored) onProgress(half);
        await script.arrival;
        isStored = true;
        return { threads: 2 };
      },
    },
    embeddings: {},
    retrieval: {
      generation: 1,
      put: async () => {},
      search: async () => ({
        hits: [{ documentId: 'page', documentName: passage?.title, chunk: { text: passage?.text } }],
      }),
      knowledge: async () => ({
        name: 'Pack',
        model: null,
        documents: [{ id: 'page', name: passage?.title, chunks: [], vectors: null }],
        addresses: { page: passage?.address },
      }),
    },
    chat: {
      completions: {
        create: async () =>
          (async function* () {
            for (const word of answer.split(/(?<= )/)) yield chunk(word);
          })(),
        runTools: async (
          { tools }: { tools: readonly { function: { name: string; execute: (given: object) => Promise<unknown> } }[] },
          { approve }: { approve: (call: object) => Promise<boolean> },
        ) => {
          let outcome = '';
          if (script.call !== undefined) {
            const isAllowed = await approve(script.call);
            const tool = tools.find((one) => one.function.name === script.call?.name);
            outcome = isAllowed ? String(await tool?.function.execute(script.call.arguments)) : 'refused';
          }
          return { completion: { choices: [{ message: { content: `${answer} ${outcome}` } }] } };
        },
      },
    },
  };
  return engine as unknown as AssistantEngine;
}
