import { expect, it } from 'vitest';
import { SottoError } from '../../shared/index.ts';
import type { AheadOptions, AheadStep, CachePages, DecoderBackend } from './decoder-backend.ts';
import { RenewingBackend } from './renewing-backend.ts';

const OPTIONS: AheadOptions = {
  maxTokens: 20,
  recent: [],
  randoms: () => [],
  sampling: {
    temperature: 0,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    frequencyPenalty: 0,
    presencePenalty: 0,
  },
};

/** What follows a text is the sum of its tokens; the device is lost after `life` tokens. */
class Device {
  readonly cache: number[] = [];
  readonly kind = 'webgpu';
  readonly description = 'a device';
  readonly contextLength = 100;
  isDisposed = false;
  life: number;

  constructor(life = Number.POSITIVE_INFINITY) {
    this.life = life;
  }

  get position(): number {
    return this.cache.length;
  }

  get next(): number {
    return this.cache.reduce((sum, token) => sum + token, 1) % 1000;
  }

  #append(token: number): void {
    this.life -= 1;
    if (this.isDisposed) throw new SottoError('disposed', 'disposed');
    if (this.life < 0) throw new SottoError('device-lost', 'lost');
    this.cache.push(token);
  }

  async forward(tokens: ArrayLike<number>): Promise<Float32Array> {
    for (const token of Array.from(tokens)) this.#append(token);
    return Float32Array.of(this.next);
  }

  async *decodeAhead(token: number, { maxTokens }: AheadOptions): AsyncGenerator<AheadStep, void, undefined> {
    for (let last = token, count = 0; count < maxTokens; count++) {
      this.#append(last);
      last = this.next;
      yield { token: last };
    }
  }

  /** A page is its tokens, as text. */
  readonly pages: CachePages = {
    pageBytes: 0,
    format: 'tokens',
    read: async () => {
      if (this.life < 0) throw new SottoError('device-lost', 'lost');
      return [new TextEncoder().encode(JSON.stringify(this.cache))];
    },
    write: async (_, pages, { length }) => {
      if (this.life < 0) throw new SottoError('device-lost', 'lost');
      this.cache.splice(0, this.cache.length, ...JSON.parse(new TextDecoder().decode(pages[0])).slice(0, length));
    },
  };

  truncate(position: number): void {
    if (this.life < 0) throw new SottoError('device-lost', 'lost');
    this.cache.length = position;
  }

  park(): void {}

  dispose(): void {
    this.isDisposed = true;
  }
}

function stage(...lives: number[]) {
  const devices = [new Device(lives[0])];
  const attempts: number[] = [];
  const backend = new RenewingBackend(devices[0] as unknown as DecoderBackend, async (attempt) => {
    attempts.push(attempt);
    devices.push(new Device(lives[devices.length]));
    return devices.at(-1) as unknown as DecoderBackend;
  });
  return { backend, devices, attempts };
}

async function write(backend: DecoderBackend): Promise<number[]> {
  const [first] = await backend.forward([3, 5, 7]);
  const written = [first!];
  for await (const { token } of backend.decodeAhead!(first!, OPTIONS)) written.push(token);
  return written;
}

it('writes the same answer whenever the device is lost, and holds the same tokens', async () => {
  const expected = await write(stage().backend);
  for (const life of [0, 2, 3, 4, 10, 22]) {
    const { backend, devices, attempts } = stage(life);
    expect(await write(backend)).toEqual(expected);
    expect(attempts).toEqual([1]);
    expect(backend.position).toBe(3 + 20);
    expect(devices[1]!.cache).toHaveLength(23);
    expect(devices[0]!.isDisposed).toBe(true);
  }
});

it('stops after two new devices in one answer, and begins to count anew with the next', async () => {
  const { backend, attempts } = stage(1, 1, 1, 50);
  await expect(backend.forward([1, 2, 3])).rejects.toMatchObject({ code: 'device-lost' });
  expect(attempts).toEqual([1, 2]);
  backend.park();
  await backend.forward([1, 2, 3]);
  expect(attempts).toEqual([1, 2, 1]);
});

it('is truncated while the device is lost, and goes on from there', async () => {
  const { backend, devices } = stage(3);
  await backend.forward([1, 2, 3]);
  devices[0]!.life = -1;
  backend.truncate(2);
  expect(await backend.forward([9])).toEqual(Float32Array.of(1 + 1 + 2 + 9));
  expect(devices[1]!.cache).toEqual([1, 2, 9]);
});

it('stands where the engine does when that could not be cut where it was asked to', async () => {
  const { backend, devices } = stage(9);
  await backend.forward([1, 2, 3, 4]);
  // A state that was copied after two tokens.
  devices[0]!.truncate = () => {
    devices[0]!.cache.length = 2;
  };
  backend.truncate(3);
  expect(backend.position).toBe(2);
  devices[0]!.life = -1;
  await backend.forward([9]);
  expect(devices[1]!.cache).toEqual([1, 2, 9]);
});

it('takes its own end for no loss', async () => {
  const { backend, attempts } = stage(5);
  await backend.forward([1]);
  backend.dispose();
  await expect(backend.forward([1])).rejects.toMatchObject({ code: 'disposed' });
  expect(attempts).toEqual([]);
});

it('copies its cache and takes copies back, however often the device is lost', async () => {
  const { backend, devices } = stage(3, 8, 50);
  await backend.forward([1, 2, 3]);
  devices[0]!.life = -1;
  const copies = await backend.pages!.read(0, 1);
  expect(new TextDecoder().decode(copies[0])).toBe('[1,2,3]');
  backend.truncate(0);
  await backend.forward([7, 8]);
  devices[1]!.life = -1;
  await backend.pages!.write(0, copies, [1, 2, 3]);
  expect(backend.position).toBe(3);
  expect(devices[2]!.cache).toEqual([1, 2, 3]);
  expect(await backend.forward([9])).toEqual(Float32Array.of(1 + 1 + 2 + 3 + 9));
});

it('offers no copies once the engine holds its cache otherwise', async () => {
  const other = Object.assign(new Device(), { pages: undefined });
  const backend = new RenewingBackend(
    new Device(1) as unknown as DecoderBackend,
    async () => other as unknown as DecoderBackend,
  );
  expect(backend.pages?.format).toBe('tokens');
  await backend.forward([1, 2]);
  expect(backend.pages).toBeUndefined();
});

it('brings adapters back, those in use before it reads the tokens again', async () => {
  const log: string[] = [];
  const adapting = (name: string, life: number) =>
    Object.assign(new Device(life), {
      adapters: {
        loaded: [],
        load: async (adapter: string) => void log.push(`${name} loads ${adapter}`),
        use: (chosen: readonly { name: string; scale: number }[]) =>
          void log.push(`${name} uses ${chosen.map((one) => `${one.name}:${one.scale}`).join()}`),
      },
    });
  const second = adapting('second', 50);
  const backend = new RenewingBackend(
    adapting('first', 2) as unknown as DecoderBackend,
    async () => second as unknown as DecoderBackend,
  );
  const file = [undefined, undefined] as unknown as [never, never];
  await backend.adapters!.load('poet', ...file);
  await backend.adapters!.load('pirate', ...file);
  backend.adapters!.use([{ name: 'pirate', scale: 0.5 }]);
  await backend.forward([1, 2]);
  await backend.forward([3]);
  expect(second.cache).toEqual([1, 2, 3]);
  expect(backend.adapters!.loaded).toEqual(['poet', 'pirate']);
  expect(log).toEqual([
    'first loads poet',
    'first loads pirate',
    'first uses pirate:0.5',
    'second loads poet',
    'second loads pirate',
    'second uses pirate:0.5',
  ]);
  // What was read with another adapter is no beginning of what comes.
  backend.adapters!.use([]);
  expect(backend.position).toBe(0);
});
