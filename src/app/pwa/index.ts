export { type EgressResult, testEgress } from './egress-test.ts';
export { createNetworkLog, type NetworkLog, observePageResources, type PageRequest } from './network-log.ts';
export { keepOfflineShell, type OfflineShell, type ShellState } from './offline-shell.ts';
export { takeSharedContent } from './shared-content.ts';
