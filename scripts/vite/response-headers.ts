import type { Connect, Plugin } from 'vite';
import { cacheControl, responseHeadersOf } from '../headers.mjs';

function withHeaders(base: string, options: { readonly development: boolean }): Connect.NextHandleFunction {
  return (request, response, next) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.startsWith(base) ? pathname.slice(base.length) : pathname;
    for (const [name, value] of Object.entries(responseHeadersOf(path, options))) response.setHeader(name, value);
    response.setHeader('Cache-Control', cacheControl(path));
    next();
  };
}

/** Puts the header table on every response of the development and preview servers, errors and worker scripts included. */
export function responseHeaders(): Plugin {
  return {
    name: 'sotto:response-headers',
    configureServer({ middlewares, config }) {
      middlewares.use(withHeaders(config.base, { development: true }));
    },
    configurePreviewServer({ middlewares, config }) {
      middlewares.use(withHeaders(config.base, { development: false }));
    },
  };
}
