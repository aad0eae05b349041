import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { extract } from 'tar';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePackHeader } from '../../src/library/pack/index.ts';
import type { ModelManifest } from '../../src/protocol/index.ts';
import { responseHeadersOf } from '../headers.mjs';
import { listen } from '../lib/server.mjs';
import { createStaticHandler } from '../lib/static-server.mjs';
import { writeArchive } from './archive.mjs';
import { type BundleContent, layOutSite } from './site.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sotto bundle '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

/** A product of a few bytes: two models that are here, one that is only known by its address. */
function makeProduct(): string {
  const entry = (id: string) => ({ id, name: id, manifest: `${id}/manifest.json` });
  put('dist/index.html', '<!doctype html><title>Sotto</title>');
  put('dist/widget.js', `/* ${'element '.repeat(300)} */`);
  put('dist/sotto.policy.json', '{"policyVersion":1}');
  for (const id of ['one', 'two']) {
    put(`dist/models/${id}/manifest.json`, '{}');
    put(`dist/models/${id}/${id}.gguf`, `weights of ${id}`);
  }
  const elsewhere = { id: 'far', name: 'far', source: { repository: 'a/b' } };
  put(
    'dist/models/catalogue.json',
    JSON.stringify({ catalogueVersion: 1, models: [entry('one'), entry('two'), elsewhere] }),
  );
  return join(folder, 'dist');
}

async function makePack(weights: Uint8Array): Promise<string> {
  const keys = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const manifest: ModelManifest = {
    manifestVersion: 1,
    id: 'packed',
    name: 'Packed',
    architecture: 'llama',
    parameters: 1,
    quantisation: 'F32',
    licence: { id: 'MIT', file: 'LICENSE' },
    source: 'A test.',
    file: {
      path: 'packed.gguf',
      size: weights.length,
      sha256: sha256(weights),
      chunkBytes: 4_194_304,
      chunks: [sha256(weights)],
    },
    contextLength: 16,
    chatTemplateSha256: sha256(''),
    memoryBytes: 1_024,
    defaults: { systemPrompt: '', temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, maxTokens: 8 },
  };
  const header = await writePackHeader({ manifest, licence: 'Take it.' }, keys);
  return put('packed.sotto', Buffer.concat([header, weights]));
}

const POLICY = {
  policyVersion: 1,
  models: { allowed: [{ id: 'one' }, { id: 'packed' }] },
  frameAncestors: ['https://intranet.example'],
  widget: { knowledge: [{ url: 'knowledge/hr.pack' }] },
};

let content: BundleContent;
let count = 0;
beforeAll(async () => {
  content = {
    dist: makeProduct(),
    policy: put('strict.json', JSON.stringify(POLICY)),
    models: [],
    packs: [await makePack(Buffer.from('weights from a pack'))],
    knowledge: [put('hr.pack', 'passages')],
    path: '/sotto/',
  };
});

async function bundle(change: Partial<BundleContent> = {}) {
  const room = join(folder, `room-${++count}`);
  mkdirSync(room);
  const { models, notes } = await layOutSite(room, { ...content, ...change });
  const out = join(folder, `${count}.tar`);
  await writeArchive(room, out);
  return { out, models, notes };
}

async function unpack(archive: string): Promise<string> {
  const cwd = `${archive}.unpacked`;
  mkdirSync(cwd);
  await extract({ file: archive, cwd });
  return join(cwd, 'sotto');
}

const VERIFIERS = [
  [process.execPath, 'verify.mjs'],
  ['sh', 'verify.sh'],
] as const;
const verify = (place: string, [program, script]: readonly [string, string]) =>
  spawnSync(program, [join(place, script)], { encoding: 'utf8' });

test('an archive is the same twice, verifies after unpacking, and serves the chosen models alone', async () => {
  const { out, models } = await bundle();
  expect(models).toEqual(['packed', 'one']);
  expect(readFileSync(out).equals(readFileSync((await bundle()).out))).toBe(true);

  const place = await unpack(out);
  const printed = VERIFIERS.map((verifier) => {
    const { status, stdout, stderr } = verify(place, verifier);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return stdout.trim().split('\n').at(-1);
  });
  expect(new Set(printed)).toEqual(new Set([sha256(readFileSync(join(place, 'SHA256SUMS')))]));

  const headers = (path: string) => responseHeadersOf(path);
  const server = await listen(createStaticHandler({ directory: join(place, 'site'), headers }));
  const read = async (path: string) => {
    const response = await fetch(new URL(path, server.url));
    return response.ok ? response.text() : response.status;
  };
  const catalogue = JSON.parse(String(await read('models/catalogue.json'))) as { models: { id: string }[] };
  expect(catalogue.models.map(({ id }) => id)).toEqual(['packed', 'one']);
  expect(await read('models/packed/packed.gguf')).toBe('weights from a pack');
  expect(await read('models/packed/LICENSE')).toBe('Take it.');
  expect(await read('models/two/two.gguf')).toBe(404);
  expect(await read('knowledge/hr.pack')).toBe('passages');
  expect(JSON.parse(String(await read('sotto.policy.json')))).toEqual(POLICY);
  const assets = JSON.parse(String(await read('asset-manifest.json'))) as { files: Record<string, { sha256: string }> };
  expect(assets.files['models/packed/packed.gguf']?.sha256).toBe(sha256('weights from a pack'));
  expect(assets.files['models/two/two.gguf']).toBeUndefined();
  await server.close();
  expect(readFileSync(join(place, 'servers/nginx/sotto.conf'), 'utf8')).toMatch(
    /location \/sotto\/[\s\S]*alias "\/srv\/sotto\/site\/"/,
  );
  expect(readFileSync(join(place, 'servers/caddy/Caddyfile'), 'utf8')).toContain(
    "frame-ancestors 'self' https://intranet.example",
  );
});

test.each(VERIFIERS)(
  '%s %s finds one byte that changed, a file that is gone, and one that was put in',
  async (...verifier) => {
    const { out } = await bundle();
    const whole = await unpack(out);
    const spoiled = (spoil: (place: string) => void): string => {
      const place = join(folder, `spoiled-${++count}`);
      cpSync(whole, place, { recursive: true });
      spoil(place);
      const { status, stdout, stderr } = verify(place, verifier);
      expect(status).toBe(1);
      return stdout + stderr;
    };
    const flipped = spoiled((place) => {
      const file = join(place, 'site/models/one/one.gguf');
      const bytes = readFileSync(file);
      bytes[3] = (bytes[3] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    });
    expect(flipped).toContain('site/models/one/one.gguf');
    expect(spoiled((place) => rmSync(join(place, 'site/index.html')))).toContain('site/index.html');
    expect(spoiled((place) => writeFileSync(join(place, 'site/extra.js'), '1'))).toContain('site/extra.js');
  },
);

test('what cannot be bundled is said, and nothing is written', async () => {
  await expect(bundle({ models: ['two'] })).rejects.toThrow(/policy does not allow "two"/);
  await expect(bundle({ models: ['three'] })).rejects.toThrow(/no model "three"/);
  await expect(bundle({ knowledge: [] })).rejects.toThrow(/knowledge\/hr\.pack.*--knowledge/);
  await expect(bundle({ knowledge: [...content.knowledge, put('it.pack', '')] })).rejects.toThrow(
    /no knowledge pack "it.pack"/,
  );
  await expect(bundle({ policy: put('wrong.json', '{"policyVersion":2}') })).rejects.toThrow(/is no policy/);
  const [pack = ''] = content.packs;
  const bytes = readFileSync(pack);
  bytes[bytes.length - 1] = 0;
  await expect(bundle({ packs: [put('broken.sotto', bytes)] })).rejects.toThrow(/not what was signed/);
});

test('the system’s own tar reads it', async () => {
  const { out } = await bundle();
  const listed = execFileSync('tar', ['-tvf', out], { encoding: 'utf8' });
  expect(listed).toMatch(/-rwxr-xr-x .* sotto\/verify\.sh/);
  expect(listed.split('\n')[0]).toContain('sotto/SHA256SUMS');
});
