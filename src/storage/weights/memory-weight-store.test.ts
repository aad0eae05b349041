import { createMemoryWeightStore } from './memory-weight-store.ts';
import { describeWeightStore } from './testing/weight-store-contract.ts';

describeWeightStore('the memory store', () => Promise.resolve(createMemoryWeightStore()));
