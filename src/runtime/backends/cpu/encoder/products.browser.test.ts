import { compileEngine } from '../engine-module.ts';
import { describeEncoderProducts, describeSameProducts } from '../testing/encoder-suite.ts';

describeEncoderProducts('fused dots', () => compileEngine('fused-unshared'));
describeEncoderProducts('relaxed SIMD', () => compileEngine('relaxed-unshared'));
describeEncoderProducts('relaxed SIMD, shared memory', () => compileEngine('relaxed-shared'), true);
describeEncoderProducts('plain SIMD', () => compileEngine('plain-unshared'));

describeSameProducts(
  'fused dots beside relaxed SIMD',
  () => compileEngine('fused-unshared'),
  () => compileEngine('relaxed-unshared'),
);
