import { runTool } from '../lib/run.mjs';
import { BUILD_RULES } from './build-rules.mjs';
import { FILE_RULES } from './file-rules.mjs';
import { builtFiles, projectFiles } from './files.mjs';
import { GUIDE_RULES } from './guide-snippets.mjs';
import { SOURCE_RULES } from './source-rules.mjs';

/**
 * @typedef {import('./run-checks.mjs').Check} Check
 * @typedef {import('./source-rules.mjs').Rule} Rule
 */

/**
 * A check that is a program: it fails when the program does.
 * @param {string} name
 * @param {string} path Inside node_modules.
 * @param {readonly string[]} parameters
 * @returns {Check}
 */
const toolCheck = (name, path, parameters) => ({
  name,
  findProblems: async () => {
    const { exitCode, output } = await runTool(path, parameters, { environment: { NO_COLOR: '1', FORCE_COLOR: '0' } });
    return exitCode === 0 ? '' : output.trim() || `ended with exit code ${exitCode}`;
  },
});

/**
 * @param {readonly Rule[]} rules
 * @param {() => import('./files.mjs').ProjectFile[]} files
 * @returns {Check[]}
 */
const ruleChecks = (rules, files) =>
  rules.map(({ name, find }) => ({ name, findProblems: async () => find(files()).join('\n') }));

/** Every static check, in the order they are shown. */
export function allChecks() {
  return [
    ...['dom', 'worker', 'node'].map((project) =>
      toolCheck(`types: ${project}`, 'typescript/bin/tsc', ['-p', `tsconfig.${project}.json`, '--pretty', 'false']),
    ),
    toolCheck('format and lint', '@biomejs/biome/bin/biome', ['ci', '--colors=off', '--error-on-warnings', '.']),
    toolCheck('arrows of dependency', 'dependency-cruiser/bin/dependency-cruise.mjs', [
      '--config',
      '.dependency-cruiser.mjs',
      'src',
      'workers',
      'scripts',
      'e2e',
    ]),
    toolCheck('nothing unused', 'knip/bin/knip.js', ['--no-progress']),
    toolCheck('size budgets', 'size-limit/bin.js', []),
    ...ruleChecks([...SOURCE_RULES, ...FILE_RULES, ...GUIDE_RULES], projectFiles),
    ...ruleChecks(BUILD_RULES, builtFiles),
  ];
}
