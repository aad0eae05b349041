import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { responseHeadersOf } from '../headers.mjs';
import { writeAssetManifest } from '../lib/asset-manifest.mjs';
import { compressAssets } from '../lib/compress-assets.mjs';
import { run } from '../lib/run.mjs';
import { listen, type RunningServer } from '../lib/server.mjs';
import { createStaticHandler } from '../lib/static-server.mjs';
import { examine } from './examine.mjs';

/** A product in small: one file of every kind that is looked at. */
const FILES: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html><title>Sotto</title>',
  'widget.html': '<!doctype html><title>Sotto</title>',
  'widget.js': '0;'.repeat(1000),
  'sotto.js': '1;'.repeat(1000),
  'service-worker.js': '2;',
  'assets/client-ABCDEFGH.js': '3;'.repeat(1000),
  'assets/download.worker-ABCDEFGH.js': '4;',
  'assets/inference.worker-ABCDEFGH.js': '5;',
  'assets/app-ABCDEFGH.css': 'a{}',
  'assets/kernels-ABCDEFGH.wasm': '\0asm',
  'models/catalogue.json': '{}',
  'models/small/small.gguf': 'GGUF weights, a few of them',
};
const POLICY = '{"policyVersion":1,"frameAncestors":["https://intranet.example"]}';
const EMBEDDERS = ['https://intranet.example'];

let folder = '';
let server: RunningServer | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto doctor '));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, 'good', path)), { recursive: true });
    writeFileSync(join(folder, 'good', path), text);
  }
  await writeAssetManifest(join(folder, 'good'));
  await compressAssets(join(folder, 'good'));
  writeFileSync(join(folder, 'good/sotto.policy.json'), POLICY);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => server?.close());

interface Fault {
  /** Changes the folder before it is served. */
  readonly files?: (folder: string) => void;
  /** Changes a request or its answer; true: it has answered. */
  readonly on?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly embedders?: readonly string[];
}

/** Serves the product below /sotto/, with one fault. */
async function serve({ files, on, embedders = EMBEDDERS }: Fault): Promise<URL> {
  const directory = files === undefined ? join(folder, 'good') : join(folder, `bad-${Math.random()}`);
  if (files !== undefined) {
    cpSync(join(folder, 'good'), directory, { recursive: true });
    files(directory);
  }
  const handle = createStaticHandler({ directory, headers: (path) => responseHeadersOf(path, { embedders }) });
  server = await listen((request, response) => {
    request.url = request.url?.replace(/^\/sotto\//, '/') ?? '/';
    if (on?.(request, response) !== true) void handle(request, response);
  });
  return new URL('sotto/', server.url);
}

/** Drops or replaces a header of every answer for a path. */
const header = (path: RegExp, name: string, value?: string): Fault => ({
  on: (request, response) => {
    if (!path.test(request.url ?? '')) return false;
    const writeHead = response.writeHead.bind(response);
    response.writeHead = ((status: number, more?: Record<string, string>) => {
      for (const [key, text] of Object.entries(more ?? {})) response.setHeader(key, text);
      if (value === undefined) response.removeHeader(name);
      else response.setHeader(name, value);
      return writeHead(status);
    }) as typeof response.writeHead;
    return false;
  },
});

describe('a deployment as it should be', () => {
  it('has nothing to mend, not even for speed', async () => {
    expect(await examine(await serve({}))).toEqual([]);
  });

  it('is called healthy by the command', async () => {
    const { href } = await serve({});
    const { exitCode, output } = await run(process.execPath, ['scripts/doctor.mjs', href, '--strict', '--json']);
    expect(JSON.parse(output)).toEqual({ isHealthy: true, findings: [] });
    expect(exitCode).toBe(0);
  });
});

describe('a broken one', () => {
  it.each(Object.keys(responseHeadersOf('widget.js')))('is told that %s is missing, where it is', async (name) => {
    const found = await examine(await serve(header(/widget\.js/, name)), { isQuick: true });
    expect(found.map(({ check, subject }) => [check, subject])).toEqual([['headers', 'widget.js']]);
    expect(found[0]?.message).toContain(`${name} is missing`);
  });

  it.each<[string, string, RegExp, Fault]>([
    ['the policy of a thread', 'headers', /download\.worker/, header(/download\.worker/, 'Content-Security-Policy')],
    ['isolation of the page', 'headers', /\.\/|index/, header(/^\/($|index)/, 'Cross-Origin-Opener-Policy')],
    ['headers of an error', 'headers', /404/, header(/no-such/, 'X-Content-Type-Options')],
    [
      'a loosened policy',
      'headers',
      /sotto\.js/,
      header(/sotto\.js/, 'Content-Security-Policy', "default-src 'none'; connect-src *"),
    ],
    ['a script as plain text', 'types', /widget\.js/, header(/widget\.js/, 'Content-Type', 'text/plain')],
    ['a page that is kept', 'caching', /index/, header(/index/, 'Cache-Control', 'max-age=86400')],
    ['parts that are asked for again', 'caching', /assets/, header(/assets/, 'Cache-Control', 'no-cache')],
    ['compressed weights', 'compression', /gguf/, header(/gguf/, 'Content-Encoding', 'gzip')],
    [
      'no ranges',
      'ranges',
      /gguf/,
      {
        on: (request) => {
          delete request.headers.range;
          return false;
        },
      },
    ],
    ['weak tags', 'ranges', /gguf/, header(/gguf/, 'ETag', 'W/"1"')],
    [
      'If-Range unread',
      'if-range',
      /gguf/,
      {
        on: (request) => {
          delete request.headers['if-range'];
          return false;
        },
      },
    ],
    [
      'a page for what is not there',
      'missing files',
      /no-such/,
      {
        on: (request, response) => {
          if (!/no-such/.test(request.url ?? '')) return false;
          response
            .writeHead(200, { 'Content-Type': 'text/html', ...responseHeadersOf('index.html') })
            .end('<h1>Home</h1>');
          return true;
        },
      },
    ],
    ['a file that was changed', 'hashes', /sotto\.js/, { files: (at) => appendFileSync(join(at, 'sotto.js'), '//') }],
    [
      'a file that is missing',
      'hashes',
      /kernels/,
      { files: (at) => rmSync(join(at, 'assets/kernels-ABCDEFGH.wasm')) },
    ],
    ['no list of files', 'hashes', /asset-manifest/, { files: (at) => rmSync(join(at, 'asset-manifest.json')) }],
    [
      'a broken policy',
      'policy',
      /sotto\.policy\.json:1:/,
      { files: (at) => writeFileSync(join(at, 'sotto.policy.json'), '{"policyVersion":2}') },
    ],
    ['embedders the policy does not name', 'headers', /widget\.html/, { embedders: ['https://elsewhere.example'] }],
    [
      'no compression',
      'compression',
      /sotto\.js/,
      {
        on: (request) => {
          delete request.headers['accept-encoding'];
          return false;
        },
      },
    ],
  ])('is told: %s', async (_what, check, subject, fault) => {
    const found = await examine(await serve(fault));
    expect(found).toContainEqual(expect.objectContaining({ check, subject: expect.stringMatching(subject) }));
    for (const { fix } of found) expect(fix).not.toBe('');
  });

  it('is told by the exit code', async () => {
    const { href } = await serve(header(/sotto\.js/, 'Content-Security-Policy'));
    const { exitCode, output } = await run(process.execPath, ['scripts/doctor.mjs', href]);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/FAIL {2}headers: sotto\.js Content-Security-Policy is missing/);
  });

  it('is told where nobody answers', async () => {
    expect(await examine(new URL('http://localhost:9/'))).toMatchObject([{ check: 'reach' }]);
  });
});
