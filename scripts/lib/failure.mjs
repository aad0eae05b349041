import process from 'node:process';

/** A failure that is explained in full by its message: shown to people without a stack trace. */
export class Failure extends Error {
  /**
   * @param {string} message What happened, and what to do about it.
   * @param {{ cause?: unknown }} [options]
   */
  constructor(message, options) {
    super(message, options);
    this.name = 'Failure';
  }
}

/**
 * Runs a command's body; a `Failure` ends with its sentence on stderr, anything else with its stack, both with exit code 1.
 * @param {() => Promise<void>} body
 * @returns {Promise<void>}
 */
export async function runCommand(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Failure ? error.message : error);
    process.exitCode = 1;
  }
}
