import { compileEngine } from '../engine-module.ts';
import { describeEncoderAttention } from '../testing/attention-suite.ts';

describeEncoderAttention('fused dots', () => compileEngine('fused-unshared'));
describeEncoderAttention('plain SIMD', () => compileEngine('plain-unshared'));
