import { describeKernels } from './testing/kernel-suite.ts';
import { compileFromDisk } from './testing/node-model.ts';

// Relaxed SIMD runs in kernels.browser.test.ts: Node 20 has it behind a flag, with a baseline compiler of other results.
describeKernels('plain SIMD', () => compileFromDisk('plain-unshared'));
describeKernels('plain SIMD, shared memory', () => compileFromDisk('plain-shared'), true);
