export { systemExpert, systemFlow, systemIds, systemSummaries } from './systems.ts';
