import type { Connect, Plugin } from 'vite';
import { cacheControl, securityHeaders } from '../headers.mjs';

function withHeaders(headers: Record<string, string>, base: string): Connect.NextHandleFunction {
  return (request, response, next) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader(
      'Cache-Control',
      cacheControl(pathname.startsWith(base) ? pathname.slice(base.length) : pathname),
    );
    next();
  };
}

/** Puts the header table on every response of the development and preview servers, errors and worker scripts included. */
export function responseHeaders(): Plugin {
  return {
    name: 'sotto:response-headers',
    configureServer({ middlewares, config }) {
      middlewares.use(withHeaders(securityHeaders({ development: true }), config.base));
    },
    configurePreviewServer({ middlewares, config }) {
      middlewares.use(withHeaders(securityHeaders(), config.base));
    },
  };
}
