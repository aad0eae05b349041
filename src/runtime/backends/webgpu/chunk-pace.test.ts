import { expect, it } from 'vitest';
import { ChunkPace } from './chunk-pace.ts';

it('takes more where chunks are quick and fewer where they are slow, within bounds', () => {
  const pace = new ChunkPace(512);
  expect(pace.tokens).toBe(128);
  for (let i = 0; i < 5; i++) pace.record(pace.tokens, 10);
  expect(pace.tokens).toBe(512);
  pace.record(512, 100);
  expect(pace.tokens).toBe(512);
  // The short rest of a prompt says nothing about whole chunks.
  pace.record(17, 5_000);
  expect(pace.tokens).toBe(512);
  for (let i = 0; i < 9; i++) pace.record(pace.tokens, 5_000);
  expect(pace.tokens).toBe(32);
});

it('starts within a small cache', () => {
  const pace = new ChunkPace(64);
  expect(pace.tokens).toBe(64);
});
