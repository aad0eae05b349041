import { test as base, expect } from '@playwright/test';
import { type Canary, startCanary } from './canary.ts';
import { type FaultyServer, startFaultyServer } from './faulty-server.ts';
import { createProfile, type PersistentProfile } from './persistent-profile.ts';
import { copyProfile, createVisitedProfile } from './visited-profile.ts';
import { watchErrors } from './watch-errors.ts';

interface Kit {
  /** Console errors a journey provokes on purpose: `test.use({ allowedErrors: [/404/] })`. */
  allowedErrors: readonly RegExp[];
  canary: Canary;
  faultyServer: FaultyServer;
  profile: PersistentProfile;
}

/** `SOTTO_SLOW_PAGES=10`: pages have a tenth of the processor, and a step that does not wait for the one before it is found. */
const SLOWDOWN = Number(process.env['SOTTO_SLOW_PAGES'] ?? 1);

/**
 * The test of every journey: Playwright's, with the kit as fixtures. A `page` that logs an error, breaks a policy or
 * leaves a rejection unhandled fails its journey, whatever the journey itself looked at.
 */
export const test = base.extend<Kit>({
  allowedErrors: [[], { option: true }],
  page: async ({ page, allowedErrors }, use) => {
    const { errors } = watchErrors(page, allowedErrors);
    if (SLOWDOWN > 1) {
      const session = await page.context().newCDPSession(page);
      await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
    }
    await use(page);
    expect(errors, 'the page logged errors').toEqual([]);
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from this pattern.
  canary: async ({}, use) => {
    const canary = await startCanary();
    await use(canary);
    await canary.close();
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  faultyServer: async ({}, use) => {
    const server = await startFaultyServer();
    await use(server);
    await server.close();
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  profile: async ({}, use) => {
    const profile = await createProfile();
    await use(profile);
    await profile.dispose();
  },
});

/**
 * The same for journeys of somebody who was here before, with the model in the browser: what they prove does not begin with
 * 98 MB that are fetched, verified and stored anew. Every journey has a copy of its own of that first visit.
 */
export const returning = test.extend<object, { visited: PersistentProfile }>({
  visited: [
    // biome-ignore lint/correctness/noEmptyPattern: as above.
    async ({}, use, { project }) => {
      const profile = await createVisitedProfile(project.use.baseURL ?? '');
      await use(profile);
      await profile.dispose();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  profile: async ({ visited }, use) => {
    const profile = await copyProfile(visited);
    await use(profile);
    await profile.dispose();
  },
  context: async ({ profile, baseURL }, use) => {
    await use(await profile.open({ baseURL }));
  },
});
