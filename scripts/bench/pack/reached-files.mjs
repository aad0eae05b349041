/**
 * The files that a page can ask for: those it names, those that these name, and so on. A name that stands in a text is
 * taken for one that is asked for: a file too many does no harm.
 * @param {string} page
 * @param {readonly string[]} names Of all files there are.
 * @param {(name: string) => string} read
 * @returns {readonly string[]}
 */
export function reachedFiles(page, names, read) {
  /** @type {Set<string>} */
  const reached = new Set();
  const waiting = [page];
  for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) {
    for (const name of names) {
      if (reached.has(name) || !text.includes(name)) continue;
      reached.add(name);
      if (/\.(js|css)$/.test(name)) waiting.push(read(name));
    }
  }
  return [...reached];
}
