import { compileEngine } from './engine-module.ts';
import { describeKernels } from './testing/kernel-suite.ts';

describeKernels('relaxed SIMD', () => compileEngine('relaxed-unshared'));
describeKernels('relaxed SIMD, shared memory', () => compileEngine('relaxed-shared'), true);
describeKernels('plain SIMD', () => compileEngine('plain-unshared'));
