import { signal } from '@preact/signals';
import { expect, it, vi } from 'vitest';
import type { Panel } from './app-context.ts';
import { openFiles } from './open-files.ts';

const OLLAMA = `sha256-${'0123456789abcdef'.repeat(4)}`;

function opened(...names: readonly string[]) {
  const runs = vi.fn(() => Promise.resolve());
  const reads = vi.fn(() => Promise.resolve());
  openFiles(
    names.map((name) => new File(['GGUF'], name)),
    {
      model: { openFiles: runs },
      documents: { add: reads },
      chat: { open: signal({ chat: { collections: [] } }), change: vi.fn() } as never,
      panel: signal<Panel | null>(null),
      dropped: signal(null),
      permitted: () => true,
    },
  );
  const namesOf = (calls: readonly unknown[][]) =>
    calls.flatMap(([files]) => (files as readonly File[]).map(({ name }) => name));
  return { models: namesOf(runs.mock.calls), documents: namesOf(reads.mock.calls) };
}

it.each(['a.gguf', 'A.GGUF', OLLAMA, `blobs/${OLLAMA}`, OLLAMA.replace('-', ':')])('%s is a model', (name) => {
  expect(opened(name)).toEqual({ models: [name], documents: [] });
});

it.each(['a.gguf.txt', 'sha256-notes', `${OLLAMA}.txt`, 'gguf'])('%s is a document', (name) => {
  expect(opened(name)).toEqual({ models: [], documents: [name] });
});
