import { responseHeadersOf } from '../headers.mjs';

/**
 * What is wrong with one response, what it costs, and how to mend it.
 * @typedef {{ level: 'ok' | 'warn' | 'fail', check: string, subject: string, message: string, fix: string }} Finding
 */

const RECIPE = 'Make the server’s configuration anew: npm run recipe -- nginx|caddy|apache.';

/** What a header is there for: why its absence matters. */
const REASONS = /** @type {Readonly<Record<string, string>>} */ ({
  'Content-Security-Policy': 'a script that turned hostile could reach other hosts',
  'Cross-Origin-Opener-Policy': 'pages get no threads, and answers come from one core',
  'Cross-Origin-Embedder-Policy': 'pages get no threads, and answers come from one core',
  'Document-Isolation-Policy': 'the widget gets no threads on ordinary pages, and answers from one core',
  'Cross-Origin-Resource-Policy': 'other sites could load this file, or the widget could not',
  'Connection-Allowlist': 'Chromium’s second wall against leaks is missing',
  'Permissions-Policy': 'the page could ask for camera, microphone or place',
  'Referrer-Policy': 'addresses of pages would be told to others',
  'X-Content-Type-Options': 'browsers would guess types',
});

/**
 * Compares a response's headers with the table.
 * @param {string} path Below the base.
 * @param {import('./probe.mjs').Answer} answer
 * @param {{ embedders: readonly string[], connections: readonly string[] }} allowed
 * @returns {Finding[]}
 */
export function checkHeaders(path, answer, allowed) {
  return Object.entries(responseHeadersOf(path, allowed)).flatMap(([name, expected]) => {
    const actual = answer.headers[name.toLowerCase()];
    const differs = differenceOf(name, expected, actual);
    if (differs === '') return [];
    const reason = REASONS[name] === undefined ? '' : `: ${REASONS[name]}`;
    return [
      {
        level: /** @type {const} */ ('fail'),
        check: 'headers',
        subject: path,
        message: `${name} ${differs}${reason}.`,
        fix: RECIPE,
      },
    ];
  });
}

/**
 * @param {string} name
 * @param {string} expected
 * @param {string | undefined} actual
 * @returns {string} Empty where they say the same.
 */
function differenceOf(name, expected, actual) {
  if (actual === undefined) return 'is missing';
  if (name !== 'Content-Security-Policy')
    return same(actual, expected) ? '' : `is "${short(actual)}", not "${short(expected)}"`;
  const [is, should] = [directivesOf(actual), directivesOf(expected)];
  const problems = [...new Set([...is.keys(), ...should.keys()])].flatMap((directive) => {
    const [here, there] = [is.get(directive), should.get(directive)];
    if (here === there) return [];
    if (here === undefined) return [`lacks ${directive}`];
    return there === undefined ? [`has an unknown ${directive}`] : [`says ${directive} ${here}, not ${there}`];
  });
  return problems.join('; ');
}

/** @param {string} policy */
function directivesOf(policy) {
  return new Map(
    policy.split(';').flatMap((text) => {
      const [name, ...sources] = text.trim().split(/\s+/);
      return name === undefined || name === ''
        ? []
        : [/** @type {const} */ ([name.toLowerCase(), sources.sort().join(' ')])];
    }),
  );
}

/**
 * @param {string} a
 * @param {string} b
 */
function same(a, b) {
  const plain = (/** @type {string} */ text) => text.replace(/\s+/g, '').toLowerCase();
  return plain(a) === plain(b);
}

/** @param {string} text */
const short = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
