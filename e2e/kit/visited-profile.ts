import { cp, link, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatPage } from './chat-page.ts';
import { createProfile, type PersistentProfile } from './persistent-profile.ts';

/** What IndexedDB keeps of a Blob: a file that is written once, and never again. */
const WRITTEN_ONCE = '.indexeddb.blob';

/**
 * The profile of somebody who was here before: the site's model and its encoder are stored and verified, the service worker
 * serves the page; no chats, no settings. Made by a first visit like any other.
 */
export async function createVisitedProfile(baseURL: string): Promise<PersistentProfile> {
  const profile = await createProfile();
  const context = await profile.open();
  const page = await context.newPage();
  await (await new ChatPage(page).open(baseURL)).untilReady();
  await page.evaluate(async () => {
    const { Sotto } = (await import(
      new URL('sotto.js', document.baseURI).href
    )) as typeof import('../../src/client/index.ts');
    const sotto = await Sotto.create();
    await sotto.models.download('all-minilm-l6-v2');
    await navigator.serviceWorker.ready;
  });
  await context.close();
  return profile;
}

/** A profile that begins as a copy of another one, whose browser is closed. The weights are shared, not copied. */
export async function copyProfile({ directory }: PersistentProfile): Promise<PersistentProfile> {
  const profile = await createProfile();
  await copyFolder(directory, profile.directory);
  return profile;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (from.includes(WRITTEN_ONCE)) await link(source, target);
    else if (entry.isFile()) await cp(source, target);
  }
}
