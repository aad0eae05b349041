export { expect } from '@playwright/test';
export { bundle } from './bundle.ts';
export { type Canary, startCanary } from './canary.ts';
export { ChatPage } from './chat-page.ts';
export { type Fault, type FaultyServer, startFaultyServer } from './faulty-server.ts';
export { keptRows } from './kept-rows.ts';
export { createProfile, type PersistentProfile } from './persistent-profile.ts';
export { returning, test } from './test.ts';
export { watchErrors } from './watch-errors.ts';
