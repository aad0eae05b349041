import { Failure } from './failure.mjs';
import { ROOT } from './paths.mjs';
import { run } from './run.mjs';

/**
 * The JSON lines that a program writes.
 * @param {string} program
 * @param {readonly string[]} parameters
 * @returns {Promise<any[]>}
 */
export async function linesOf(program, parameters) {
  const { exitCode, output } = await run(program, parameters, { environment: { INIT_CWD: ROOT } });
  if (exitCode !== 0) throw new Failure(output);
  return output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
}
