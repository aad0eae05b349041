/**
 * The one table of response headers. The development and preview servers, `npm start` and public/_headers all read it,
 * and every response carries it: a worker script without these headers would not be bound by them.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The policy is a list of what is allowed; everything that is not named is refused. */
const CONTENT_SECURITY_POLICY = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'style-src': "'self'",
  'img-src': "'self'",
  'font-src': "'none'",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  // `default`: made in the tasks worker alone, for onnxruntime-web; it lets same-origin script addresses pass.
  'trusted-types': 'sotto default',
};

/** Features that the page never uses. Writing to the clipboard stays: copying an answer is asked for by a click. */
const REFUSED_FEATURES = [
  'accelerometer',
  'autoplay',
  'camera',
  'clipboard-read',
  'display-capture',
  'encrypted-media',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'otp-credentials',
  'payment',
  'picture-in-picture',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'sync-xhr',
  'usb',
  'window-management',
  'xr-spatial-tracking',
];

/** @param {Record<string, string>} directives */
const policyText = (directives) =>
  Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');

/**
 * The headers of every response, by name.
 *
 * @param {{ development?: boolean, connections?: readonly string[] }} [options] `connections`: origins of mirrors and knowledge
 *   packs, which the site's policy names. `development`: the module server injects styles as elements and shows
 *   errors through HTML, so that one mode gives up those two walls. Nothing built ever runs with it.
 * @returns {Record<string, string>}
 */
export function securityHeaders({ development = false, connections = [] } = {}) {
  /** @type {Record<string, string>} */
  const policy = { ...CONTENT_SECURITY_POLICY };
  if (connections.length > 0) policy['connect-src'] = ["'self'", ...connections].join(' ');
  if (development) {
    policy['style-src'] = "'self' 'unsafe-inline'";
    policy['img-src'] = "'self' data:";
    delete policy['require-trusted-types-for'];
    delete policy['trusted-types'];
  }
  return {
    'Content-Security-Policy': policyText(policy),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Connection-Allowlist': `(${['response-origin', ...connections.map((origin) => `"${origin}/*"`)].join(' ')})`,
    'Permissions-Policy': REFUSED_FEATURES.map((feature) => `${feature}=()`).join(', '),
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** The page inside the widget's frame: the one page that others may hold. */
const FRAME = /^\/?widget\.html$/;
/** The script that other origins' pages load. */
const ELEMENT = /^\/?widget\.js$/;

/**
 * The headers of one response. Two files are made for other pages: the widget's script, which any page may load, and its
 * frame, which the named origins may hold and show.
 *
 * @param {string} pathname path below the base of the app, with or without the leading slash
 * @param {{ development?: boolean, embedders?: readonly string[], connections?: readonly string[] }} [options] `embedders`:
 *   origins that may hold the widget's frame, besides the own one. `connections`: as above.
 * @returns {Record<string, string>}
 */
export function responseHeadersOf(pathname, { development = false, embedders = [], connections = [] } = {}) {
  const headers = securityHeaders({ development, connections });
  if (ELEMENT.test(pathname)) {
    return { ...headers, 'Cross-Origin-Resource-Policy': 'cross-origin', 'Access-Control-Allow-Origin': '*' };
  }
  if (!FRAME.test(pathname)) return headers;
  const ancestors = ["'self'", ...embedders].join(' ');
  return {
    ...headers,
    'Content-Security-Policy': (headers['Content-Security-Policy'] ?? '').replace(
      "frame-ancestors 'none'",
      `frame-ancestors ${ancestors}`,
    ),
    'Cross-Origin-Resource-Policy': 'cross-origin',
    // Threads for the frame, also where the page that holds it is not isolated (Chromium; others answer with one thread there).
    'Document-Isolation-Policy': 'isolate-and-require-corp',
  };
}

/** Files whose name holds the hash of their content never change under that name. */
const HASHED = /^\/?assets\//;

/**
 * How long a response may be kept without asking again.
 *
 * @param {string} pathname path below the base of the app, with or without the leading slash
 */
export function cacheControl(pathname) {
  return HASHED.test(pathname) ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** The same table in the `_headers` format of static hosts. */
export function headersFile() {
  const common = securityHeaders();
  const lines = Object.entries(common).map(([name, value]) => `  ${name}: ${value}`);
  const differences = ['/widget.js', '/widget.html'].flatMap((path) => {
    const changed = Object.entries(responseHeadersOf(path)).filter(([name, value]) => common[name] !== value);
    // A later rule adds to an earlier one: what is to be replaced is taken away first.
    return [
      path,
      ...changed.flatMap(([name, value]) => [...(name in common ? [`  ! ${name}`] : []), `  ${name}: ${value}`]),
    ];
  });
  return [
    '# Generated by scripts/headers.mjs. Run `node scripts/headers.mjs --write` after a change there.',
    '/*',
    ...lines,
    '  Cache-Control: no-cache',
    '/assets/*',
    '  ! Cache-Control',
    `  Cache-Control: ${cacheControl('assets/')}`,
    ...differences,
    '',
  ].join('\n');
}

/** Where the generated table lies. */
export const HEADERS_FILE = fileURLToPath(new URL('../public/_headers', import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) await writeFile(HEADERS_FILE, headersFile());
  else if ((await readFile(HEADERS_FILE, 'utf8').catch(() => '')) !== headersFile()) {
    console.error('public/_headers is out of date: run `node scripts/headers.mjs --write`.');
    process.exitCode = 1;
  }
}
