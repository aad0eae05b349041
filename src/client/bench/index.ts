export { type Bench, createBench } from './create-bench.ts';
