/**
 * One static check: resolves to what is wrong, or to an empty string.
 * @typedef {{ name: string, findProblems: () => Promise<string> }} Check
 * @typedef {{ name: string, isPassed: boolean }} CheckResult
 */

/**
 * Lets at most `atOnce` of the bodies handed to it run at a time.
 * @param {number} atOnce
 * @returns {<T>(body: () => Promise<T>) => Promise<T>}
 */
function limit(atOnce) {
  let free = atOnce;
  /** @type {(() => void)[]} */
  const waiting = [];
  return async (body) => {
    if (free > 0) free -= 1;
    else await new Promise((resolve) => waiting.push(() => resolve(undefined)));
    try {
      return await body();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/**
 * Runs checks, a few at once, and prints one line a check in the order of the list, with the details under a failed one.
 * A check that throws has failed.
 * @param {readonly Check[]} checks
 * @param {{ atOnce: number, print: (line: string) => void }} options
 * @returns {Promise<CheckResult[]>}
 */
export async function runChecks(checks, { atOnce, print }) {
  const limited = limit(atOnce);
  const running = checks.map(({ name, findProblems }) => ({
    name,
    problems: limited(findProblems).catch((error) => `${error?.stack ?? error}`),
  }));
  /** @type {CheckResult[]} */
  const results = [];
  for (const { name, problems } of running) {
    const found = (await problems).trimEnd();
    print(found === '' ? `✓ ${name}` : `✗ ${name}\n${found.replace(/^/gm, '    ')}`);
    results.push({ name, isPassed: found === '' });
  }
  return results;
}
