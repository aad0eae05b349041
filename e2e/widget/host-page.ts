import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { listen, type RunningServer } from '../../scripts/lib/server.mjs';

/** A page of somebody else's server. */
export interface HostPage {
  readonly headers?: Readonly<Record<string, string>>;
  readonly html: string;
}

const FILES: Readonly<Record<string, readonly [type: string, content: () => string]>> = {
  '/jquery.js': ['text/javascript', () => readFileSync(join(ROOT, 'node_modules/jquery/dist/jquery.js'), 'utf8')],
  '/meddling.js': ['text/javascript', () => MEDDLING],
  '/unset.css': ['text/css', () => UNSET],
};

/** What old libraries do to everybody's objects: names that every loop meets. */
const MEDDLING = `
Object.prototype.extra = function () { return this; };
Array.prototype.each = function (work) { for (var i = 0; i < this.length; i++) work(this[i]); };
Function.prototype.bind = Function.prototype.bind;
window.$ = function () { return null; };
`;

const UNSET = `
* { all: unset !important; display: none !important; opacity: 0 !important; pointer-events: none !important; }
sotto-chat { position: fixed !important; inset-inline-start: -9999px !important; clip-path: inset(50%) !important; }
`;

/** Pages by path, read at each request, so that a test can add its own. */
export function startHost(pages: Readonly<Record<string, HostPage>>): Promise<RunningServer> {
  return listen((request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    const file = FILES[path];
    const page = pages[path];
    if (file !== undefined) {
      response.setHeader('Content-Type', file[0]);
      response.end(file[1]());
    } else if (page !== undefined) {
      for (const [name, value] of Object.entries(page.headers ?? {})) response.setHeader(name, value);
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(
        `<!doctype html><html lang="en"><title>Host</title><link rel="icon" href="data:,">${page.html}</html>`,
      );
    } else response.writeHead(404).end();
  });
}
