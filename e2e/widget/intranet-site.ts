import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../scripts/deploy/run-server.mjs';
import { responseHeadersOf } from '../../scripts/headers.mjs';
import { DIST, ROOT } from '../../scripts/lib/paths.mjs';
import { listen } from '../../scripts/lib/server.mjs';
import { createStaticHandler } from '../../scripts/lib/static-server.mjs';

const EXAMPLE = join(ROOT, 'examples/intranet');

export interface IntranetSite {
  readonly url: string;
  readonly program: 'nginx' | 'node';
  /** Where a knowledge pack is put. */
  readonly packFile: string;
  close(): Promise<void>;
}

/** examples/intranet at "/", Sotto at "/sotto/": on nginx where it is installed, else on a small server with the same headers. */
export async function startIntranet(): Promise<IntranetSite> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto intranet '));
  const sotto = join(folder, 'sotto');
  mkdirSync(join(sotto, 'knowledge'), { recursive: true });
  for (const name of readdirSync(DIST)) {
    if (name !== 'sotto.policy.json') symlinkSync(join(DIST, name), join(sotto, name));
  }
  copyFileSync(join(EXAMPLE, 'sotto.policy.json'), join(sotto, 'sotto.policy.json'));
  const written = readFileSync(join(EXAMPLE, 'nginx.conf'), 'utf8');
  const locations = written.replace('/srv/intranet', join(EXAMPLE, 'pages'));
  const site = { root: sotto, path: '/sotto/', embedders: [], connections: [], locations };
  const work = join(folder, 'nginx');
  mkdirSync(work);
  const nginx = await startServer('nginx', site, work);
  const { url, close } = nginx ?? (await startSmallServer(sotto, headersOf(written)));
  return {
    url,
    program: nginx === null ? 'node' : 'nginx',
    packFile: join(sotto, 'knowledge/intranet.pack'),
    async close() {
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The headers that nginx.conf adds. */
function headersOf(configuration: string): Record<string, string> {
  const found = [...configuration.matchAll(/add_header (\S+) "([^"]*)"/g)];
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]));
}

function startSmallServer(sotto: string, headers: Record<string, string>) {
  const product = createStaticHandler({ directory: sotto, headers: (path) => responseHeadersOf(path) });
  const pages = createStaticHandler({ directory: join(EXAMPLE, 'pages'), headers });
  return listen((request, response) => {
    const isProduct = request.url?.startsWith('/sotto/') ?? false;
    if (isProduct) request.url = request.url?.slice('/sotto'.length);
    void (isProduct ? product : pages)(request, response);
  });
}
