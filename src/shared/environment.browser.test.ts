import { expect, test } from 'vitest';

test('browser tests run where threads are possible', () => {
  expect(crossOriginIsolated).toBe(true);
  expect(new SharedArrayBuffer(8).byteLength).toBe(8);
});
