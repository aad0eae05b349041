import { compileEngine } from '../engine-module.ts';
import { describeEncoderProducts } from '../testing/encoder-suite.ts';

describeEncoderProducts('fused dots', () => compileEngine('fused-unshared'));
describeEncoderProducts('relaxed SIMD', () => compileEngine('relaxed-unshared'));
describeEncoderProducts('relaxed SIMD, shared memory', () => compileEngine('relaxed-shared'), true);
describeEncoderProducts('plain SIMD', () => compileEngine('plain-unshared'));
