import { createSocket } from 'node:dgram';
import { get } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startCanary } from './canary.ts';
import { spoil } from './spoiled-body.ts';

test('the canary counts HTTP, WebSocket and UDP', async () => {
  const canary = await startCanary();
  await fetch(new URL('pixel.png?d=secret', canary.httpUrl));
  // The canary drops the connection at once: an error is the answer to expect.
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };
  await new Promise((resolve) =>
    get(canary.webSocketUrl.replace('ws:', 'http:'), { headers: upgrade }).on('error', resolve),
  );
  const sender = createSocket('udp4');
  await new Promise((resolve) => sender.send('stun', Number(canary.stunUrl.split(':')[2]), '127.0.0.1', resolve));
  sender.close();
  await expect.poll(() => canary.hits().udp).toBe(1);
  expect(canary.hits().http[0]).toContain('/pixel.png?d=secret');
  expect(canary.hits().webSocket).toHaveLength(1);
  await canary.close();
});

const file = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));

async function sendThrough(fault: Parameters<typeof spoil>[0], start = 0) {
  let counted = 0;
  const stream = spoil(fault, {
    start,
    size: file.length,
    count: (bytes) => (counted += bytes),
    isOver: () => false,
  });
  for (let offset = start; offset < file.length; offset += 100) stream.write(file.subarray(offset, offset + 100));
  stream.end();
  const received: Buffer[] = [];
  let error: unknown;
  try {
    for await (const chunk of stream) received.push(chunk);
  } catch (thrown) {
    error = thrown;
  }
  return { bytes: Buffer.concat(received), counted, error };
}

test('a dropped body breaks exactly where it should', async () => {
  const { bytes, error } = await sendThrough({ kind: 'drop', atShare: 0.37 });
  expect(error).toBeInstanceOf(Error);
  expect(bytes.equals(file.subarray(0, 370))).toBe(true);
});

test('a flipped body differs in one bit, at its place in the file', async () => {
  const { bytes, counted } = await sendThrough({ kind: 'flipped', offset: 555 }, 500);
  const expected = Buffer.from(file.subarray(500));
  expected[55] = (expected[55] ?? 0) ^ 1;
  expect(bytes.equals(expected)).toBe(true);
  expect(counted).toBe(500);
});

test('a body without a fault passes unchanged', async () => {
  const place = { start: 0, size: 0, count: () => {}, isOver: () => false };
  expect((await buffer(spoil({ kind: 'none' }, place).end(file))).equals(file)).toBe(true);
});

test('a slow body is slow until the fault is over', async () => {
  let isOver = false;
  // At this rate it would take a quarter of an hour.
  const stream = spoil(
    { kind: 'slow', bytesPerSecond: 1 },
    { start: 0, size: 0, count: () => {}, isOver: () => isOver },
  );
  isOver = true;
  expect((await buffer(stream.end(file))).equals(file)).toBe(true);
});
