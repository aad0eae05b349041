import { vi } from 'vitest';

/** Where processors are shared, a module may need more than the usual second to come. A wait that ends costs no more for it. */
const LONGEST_WAIT_MS = 15_000;

const { waitFor, waitUntil } = vi;
vi.waitFor = (callback, options = LONGEST_WAIT_MS) => waitFor(callback, options);
vi.waitUntil = (callback, options = LONGEST_WAIT_MS) => waitUntil(callback, options);
