import process from 'node:process';

/** The oldest Node the tools run on; the same figure stands in package.json under `engines`. */
const OLDEST = { major: 20, minor: 19 };

/**
 * True when `version` ("20.19.4") is new enough.
 * @param {string} version
 * @returns {boolean}
 */
export function isSupportedNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}

// Runs on import, before anything newer is touched: an old Node must read this sentence, not a stack trace.
if (!isSupportedNode(process.versions.node)) {
  console.error(`Sotto needs Node ${OLDEST.major}.${OLDEST.minor} or newer; this is Node ${process.versions.node}.`);
  console.error('Install a current version from nodejs.org and run the command again.');
  process.exit(1);
}
