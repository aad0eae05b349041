import { expect, it, vi } from 'vitest';
import type { DocumentChunk } from '../../client/index.ts';
import { abortError } from '../../shared/index.ts';
import { createDocumentStore } from '../../storage/documents/index.ts';
import { createMemoryRecordStore } from '../../storage/records/index.ts';
import { createDocumentsController } from './documents-controller.ts';
import { testEngine } from './engine.kit.ts';

const MODEL = 'all-minilm-l6-v2';

/** An engine that makes a passage of each line, and a vector of each text's length; it keeps what it was asked to embed. */
function setUp(
  options: {
    isStored?: boolean;
    store?: ReturnType<typeof createDocumentStore>;
    /** Settles when the model of meanings is loaded. */
    loaded?: () => Promise<void>;
    /** Settles before a text's meaning is known. */
    learned?: (text: string, signal: AbortSignal | undefined) => Promise<void>;
  } = {},
) {
  const embedded: string[] = [];
  const loads: unknown[] = [];
  const put: { id: string; vectors: unknown }[] = [];
  const switched: boolean[] = [];
  const store = options.store ?? createDocumentStore(createMemoryRecordStore());
  const engine = testEngine({
    stored: () =>
      options.isStored
        ? [
            {
              id: MODEL,
              name: '',
              size: 1,
              storedBytes: 1,
              complete: true,
              medium: 'indexeddb',
              hashes: 'published' as const,
              usedAt: 0,
            },
          ]
        : [],
    embeddings: {
      load: async (source) => {
        loads.push(source);
        await options.loaded?.();
        return {} as never;
      },
      vectors: async (texts, { signal } = {}) => {
        for (const text of texts) await options.learned?.(text, signal);
        embedded.push(...texts);
        const vectors = Float32Array.from(texts.flatMap((text) => [text.length, 1]));
        return { vectors, dimensions: 2, tokens: 0, model: MODEL };
      },
    },
    retrieval: {
      generation: 0,
      read: async (file) => {
        const chunks: DocumentChunk[] = (await file.text())
          .split('\n')
          .map((text, index) => ({ index, text, page: null, headings: [] }));
        return { chunks, pages: null, hiddenCharacters: 0, isCutShort: false };
      },
      put: async (documents) => void put.push(...documents),
      remove: async () => {},
      search: async () => ({ hits: [], considered: 0 }),
    },
  });
  const documents = createDocumentsController({
    engine,
    store,
    nothingFits: 'Nothing.',
    contextLength: () => 1000,
    onMeaning: (isOn) => switched.push(isOn),
  });
  return { documents, embedded, loads, put, switched, store };
}

const ids = (documents: ReturnType<typeof setUp>['documents']) => documents.documents.value.map(({ id }) => id);

it('embeds of a changed document only what changed, and passes an unchanged one over', async () => {
  const { documents, embedded, store } = setUp();
  await documents.useMeaning(true);
  await documents.add([new File(['one\nthree\nfifteen'], 'a.txt')], 'c');
  expect(embedded).toEqual(['one', 'three', 'fifteen']);
  const before = ids(documents);
  await documents.add([new File(['one\nthree\nfifteen'], 'a.txt')], 'c');
  expect(ids(documents)).toEqual(before);
  await documents.add([new File(['one\nfour\nfifteen'], 'a.txt')], 'c');
  expect(embedded).toEqual(['one', 'three', 'fifteen', 'four']);
  const [id] = ids(documents);
  expect(id).not.toBe(before[0]);
  expect((await store.vectors(id!))?.values).toEqual(new Float32Array([3, 1, 4, 1, 7, 1]));
});

it('goes on with search by meaning after a reload where its model is still here, and fetches nothing where it is not', async () => {
  const first = setUp();
  await first.documents.add([new File(['words'], 'a.txt')], 'c');
  expect(first.embedded).toEqual([]);
  const gone = setUp({ store: first.store });
  await gone.documents.load();
  await gone.documents.resumeMeaning();
  expect(gone.documents.meaning.value.kind).toBe('off');
  const here = setUp({ store: first.store, isStored: true });
  await here.documents.load();
  await here.documents.resumeMeaning();
  expect(here.documents.meaning.value.kind).toBe('on');
  // What was never embedded, because the page closed before, is embedded now.
  expect(here.embedded).toEqual(['words']);
  expect([...gone.loads, ...here.loads]).toEqual([]);
});

it('remembers the switch, and compares no vectors of another model', async () => {
  const { documents, switched, store, put } = setUp();
  await documents.add([new File(['words'], 'a.txt')], 'c');
  await store.saveVectors(ids(documents)[0]!, { modelId: 'older', dimensions: 1, values: new Float32Array([1]) });
  const signal = new AbortController().signal;
  await documents.ground('words?', { collections: ['c'] } as never, signal);
  expect(put).toMatchObject([{ vectors: null }]);
  await documents.useMeaning(true);
  await documents.ground('words?', { collections: ['c'] } as never, signal);
  expect(put.at(-1)).toMatchObject({ vectors: { dimensions: 2 } });
  await documents.useMeaning(false);
  expect(switched).toEqual([true, false]);
});

it('answers a word about the last answer from that answer’s passages, without a search', async () => {
  const { documents, put } = setUp();
  await documents.add([new File(['words'], 'a.txt')], 'c');
  const passage = { documentId: 'd', documentName: 'a.txt', chunk: 0, page: 3, passage: 'words' };
  const signal = new AbortController().signal;
  const grounding = await documents.ground('Shorter, please.', { collections: ['c'] } as never, signal, [passage]);
  expect(grounding).toMatchObject({ citations: [passage], answer: null });
  expect(grounding?.prompt).toMatch(/\[1\] a\.txt, page 3\n"""\nwords\n"""\n\nQuestion: Shorter, please\.$/);
  expect(put).toEqual([]);
  expect(await documents.ground('Shorter, please.', { collections: [] } as never, signal, [passage])).toBeNull();
});

it('reads of a folder what can be read, and says how much it passed over', async () => {
  const { documents } = setUp();
  const names = ['f/a.md', 'f/photo.jpg', 'f/deep/b.TXT', 'f/.DS_Store'];
  await documents.add(
    names.map((name) => new File(['x'], name)),
    'c',
  );
  await vi.waitFor(() => expect(documents.jobs.value).toEqual([]));
  expect(documents.documents.value.map(({ name }) => name)).toEqual(['f/a.md', 'f/deep/b.TXT']);
  expect(documents.passedOver.value).toBe(2);
});

it('hears of an encoder that fails late only while it is still wanted', async () => {
  const ends: { come: () => void; fail: (error: Error) => void }[] = [];
  const loaded = () => new Promise<void>((come, fail) => ends.push({ come, fail }));
  const { documents } = setUp({ loaded });
  const first = documents.useMeaning(true);
  await documents.useMeaning(false);
  ends[0]?.fail(new Error('late'));
  await first;
  expect(documents.meaning.value).toEqual({ kind: 'off' });
  const second = documents.useMeaning(true);
  void documents.useMeaning(false);
  const third = documents.useMeaning(true);
  ends[2]?.come();
  await third;
  ends[1]?.fail(new Error('late'));
  await second;
  expect(documents.meaning.value).toEqual({ kind: 'on' });
});

it('learns no more once it is switched off, each document once when it is on again, and keeps nothing of one that was deleted', async () => {
  const { documents: reader, store } = setUp();
  for (const name of ['a', 'b', 'c']) await reader.add([new File([name], `${name}.txt`)], 'c');
  const [a, b, c] = ids(reader);
  let isHeld = true;
  const asked: string[] = [];
  const learned = (text: string, signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      asked.push(text);
      signal?.addEventListener('abort', () => reject(abortError()));
      if (!isHeld) resolve();
    });
  const { documents, embedded } = setUp({ store, learned });
  await documents.load();
  const first = documents.useMeaning(true);
  await vi.waitFor(() => expect(asked).toEqual(['a']));
  await documents.useMeaning(false);
  await first;
  expect(documents.jobs.value).toEqual([]);
  const second = documents.useMeaning(true);
  await vi.waitFor(() => expect(asked).toEqual(['a', 'a']));
  expect(documents.jobs.value).toHaveLength(1);
  isHeld = false;
  await documents.remove([a!]);
  await second;
  expect(embedded).toEqual(['b', 'c']);
  expect(await Promise.all([a, b, c].map(async (id) => (await store.vectors(id!)) !== null))).toEqual([
    false,
    true,
    true,
  ]);
});
