import { ChatPage, expect, test } from '../kit/index.ts';

const FILE_BYTES = 98_362_432;
const CHUNK_BYTES = 4 * 1024 * 1024;

// The browser itself logs a broken connection; that is not the page's error.
test.use({ allowedErrors: [/Failed to load resource/, /net::ERR/] });

test('a connection dropped at 37 % is taken up where it broke', async ({ page, faultyServer }) => {
  faultyServer.setFault({ kind: 'drop', atShare: 0.37 });
  const chat = await new ChatPage(page).open(faultyServer.url);
  await chat.untilReady();
  expect(faultyServer.weightRequests.length).toBeGreaterThan(1);
  expect(faultyServer.weightBytes(), 'at most one chunk came twice').toBeLessThanOrEqual(FILE_BYTES + CHUNK_BYTES);
});

test('a sign-in page in place of the weights is refused, and Try again works', async ({ page, faultyServer }) => {
  faultyServer.setFault({ kind: 'html' });
  const chat = await new ChatPage(page).open(faultyServer.url);
  await expect(page.getByText('download-not-the-file').first()).toBeVisible();
  await expect(page.getByText(/sign-in page of the network/).first()).toBeVisible();
  faultyServer.setFault({ kind: 'none' });
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await chat.untilReady();
});

test('a missing file is said so', async ({ page, faultyServer }) => {
  faultyServer.setFault({ kind: 'status', status: 404 });
  await new ChatPage(page).open(faultyServer.url);
  await expect(page.getByText(/404/).first()).toBeVisible();
});

test('bytes that are not the published ones never run', async ({ page, faultyServer }) => {
  faultyServer.setFault({ kind: 'flipped', offset: 50_000_000 });
  const chat = await new ChatPage(page).open(faultyServer.url);
  await expect(page.getByText('hash-mismatch').first()).toBeVisible({ timeout: 60_000 });
  faultyServer.setFault({ kind: 'none' });
  const before = faultyServer.weightBytes();
  await page.getByRole('button', { name: 'Resume' }).first().click();
  await chat.untilReady();
  expect(faultyServer.weightBytes() - before, 'what was right was kept').toBeLessThan(FILE_BYTES * 0.6);
});

test('pause keeps what has arrived, also over a reload', async ({ page, faultyServer }) => {
  faultyServer.setFault({ kind: 'slow', bytesPerSecond: 4_000_000 });
  const chat = await new ChatPage(page).open(faultyServer.url);
  await expect(page.getByText(/[2-9]\d(\.\d)? of 98/).first()).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Pause' }).first().click();
  await expect(page.getByText(/Paused\. \d+(\.\d)? MB are already here\./).first()).toBeVisible();
  faultyServer.setFault({ kind: 'none' });
  await page.reload();
  await chat.untilReady();
  const twice = faultyServer.weightBytes() - FILE_BYTES;
  // Bytes on their way when the connection was cut count as sent; a chunk at most is lost, and what the sockets hold.
  expect(twice).toBeLessThan(4 * CHUNK_BYTES);
});

test('a full disk is said so with the figures, and the download goes on when there is room', async ({
  profile,
  faultyServer,
}) => {
  const context = await profile.open();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const { origin } = new URL(faultyServer.url);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 40_000_000 });
  const chat = await new ChatPage(page).open(faultyServer.url);
  await expect(page.getByText('storage-full').first()).toBeVisible({ timeout: 60_000 });
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  const before = faultyServer.weightBytes();
  await page
    .getByRole('button', { name: /Resume|Try again/ })
    .first()
    .click();
  await chat.untilReady();
  expect(faultyServer.weightBytes() - before, 'what was stored was kept').toBeLessThan(FILE_BYTES);
});
