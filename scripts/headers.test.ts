import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { cacheControl, HEADERS_FILE, headersFile, responseHeadersOf, securityHeaders } from './headers.mjs';

function directives(policy: string | undefined): Map<string, string> {
  return new Map(
    (policy ?? '').split('; ').map((part) => {
      const space = part.indexOf(' ');
      return [part.slice(0, space), part.slice(space + 1)];
    }),
  );
}

describe('the header table', () => {
  it('is what public/_headers says', async () => {
    expect(await readFile(HEADERS_FILE, 'utf8')).toBe(headersFile());
  });

  it('allows no source but the own origin', () => {
    const policy = directives(securityHeaders()['Content-Security-Policy']);
    expect(policy.get('default-src')).toBe("'none'");
    for (const [name, value] of policy) {
      if (name === 'require-trusted-types-for' || name === 'trusted-types') continue;
      expect(value.split(' '), name).toSatisfy((sources: string[]) =>
        sources.every((source) => ["'self'", "'none'", "'wasm-unsafe-eval'"].includes(source)),
      );
    }
  });

  it('never allows inline code, and demands Trusted Types', () => {
    const text = securityHeaders()['Content-Security-Policy'] ?? '';
    expect(text).not.toContain('unsafe-inline');
    expect(text).not.toContain("'unsafe-eval'");
    expect(text).toContain("require-trusted-types-for 'script'");
  });

  it('isolates the page, so that threads can share memory, and closes other ways out', () => {
    expect(securityHeaders()).toMatchObject({
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Connection-Allowlist': '(response-origin)',
      'Referrer-Policy': 'no-referrer',
    });
  });

  it('refuses every sensor', () => {
    const features = (securityHeaders()['Permissions-Policy'] ?? '').split(', ');
    for (const feature of ['camera', 'microphone', 'geolocation', 'usb', 'clipboard-read']) {
      expect(features).toContain(`${feature}=()`);
    }
  });

  it('lets only hashed files be kept without asking', () => {
    expect(cacheControl('/assets/app-1a2b.js')).toContain('immutable');
    for (const path of ['/', '/index.html', '/service-worker.js', '/sotto.js', '/models/catalogue.json']) {
      expect(cacheControl(path)).toBe('no-cache');
    }
  });

  it('lets nobody hold the app, and the named origins hold the widget’s frame', () => {
    const ancestors = (path: string, embedders?: readonly string[]) =>
      directives(responseHeadersOf(path, embedders ? { embedders } : {})['Content-Security-Policy']).get(
        'frame-ancestors',
      );
    expect(ancestors('/index.html')).toBe("'none'");
    expect(ancestors('/widget.html')).toBe("'self'");
    expect(ancestors('/widget.html', ['https://a.test'])).toBe("'self' https://a.test");
    expect(ancestors('/index.html', ['https://a.test'])).toBe("'none'");
  });

  it('lets every page load the widget’s script and no other', () => {
    expect(responseHeadersOf('/widget.js')).toMatchObject({
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    for (const path of ['/sotto.js', '/assets/widget.js', '/widget.html']) {
      expect(responseHeadersOf(path)).not.toHaveProperty('Access-Control-Allow-Origin');
    }
  });
});
