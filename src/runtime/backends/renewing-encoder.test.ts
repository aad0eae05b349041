import { expect, it } from 'vitest';
import { SottoError } from '../../shared/index.ts';
import { RenewingEncoder } from './renewing-encoder.ts';
import { CountingEncoder } from './testing/counting-encoder.ts';

const TEXTS = Array.from({ length: 6 }, (_, index) => [index, index + 1, index + 2]);

const expected = () => new CountingEncoder('cpu').encode(TEXTS);

it('goes on with the texts that have no vectors yet when the device is lost', async () => {
  const [first, second] = [new CountingEncoder('webgpu', { life: 2 }), new CountingEncoder('webgpu', { life: 3 })];
  const last = new CountingEncoder('cpu');
  const attempts: number[] = [];
  const encoder = new RenewingEncoder(first, async (attempt) => {
    attempts.push(attempt);
    return attempt === 1 ? second : last;
  });
  const told: number[] = [];
  const vectors = await encoder.encode(TEXTS, { onProgress: (done) => told.push(done) });
  expect(vectors).toEqual(await expected());
  expect(attempts).toEqual([1, 2]);
  expect([first, second, last].map(({ encoded }) => encoded.length)).toEqual([2, 3, 1]);
  expect([first.isDisposed, second.isDisposed, encoder.kind]).toEqual([true, true, 'cpu']);
  expect(told).toEqual([1, 2, 3, 4, 5, 6]);
});

it('keeps spans with their texts', async () => {
  const spans = TEXTS.map((_, index) =>
    index === 3
      ? []
      : ([
          [0, 1],
          [1, 3],
        ] as const),
  );
  const encoder = new RenewingEncoder(
    new CountingEncoder('webgpu', { life: 4 }),
    async () => new CountingEncoder('cpu'),
  );
  expect(await encoder.encode(TEXTS, { spans })).toEqual(await new CountingEncoder('cpu').encode(TEXTS, { spans }));
});

it('gives up after two losses in a call, and counts anew in the next one', async () => {
  let renewals = 0;
  const encoder = new RenewingEncoder(new CountingEncoder('webgpu', { life: 1 }), async () => {
    renewals += 1;
    return new CountingEncoder('webgpu', { life: 1 });
  });
  await expect(encoder.encode(TEXTS)).rejects.toMatchObject({ code: 'device-lost' });
  expect(renewals).toBe(2);
  expect(await encoder.encode(TEXTS.slice(0, 2))).toEqual((await expected()).slice(0, 6));
});

it('tries once more where the device is not back, and passes on what is no loss', async () => {
  const failing = new RenewingEncoder(new CountingEncoder('webgpu', { life: 0 }), async (attempt) => {
    if (attempt === 1) throw new SottoError('backend-unavailable', 'gone');
    return new CountingEncoder('cpu');
  });
  expect(await failing.encode(TEXTS)).toEqual(await expected());
  const aborted = new RenewingEncoder(new CountingEncoder('webgpu'), async () => new CountingEncoder('cpu'));
  await expect(aborted.encode(TEXTS, { signal: AbortSignal.abort() })).rejects.toHaveProperty('name', 'AbortError');
  aborted.dispose();
  await expect(aborted.encode(TEXTS)).rejects.toMatchObject({ code: 'disposed' });
});
