import { readFileSync } from 'node:fs';
import { sourceModule } from '../lib/source-module.mjs';

/**
 * Something wrong with a policy file, at a place a person can go to.
 * @typedef {{ line: number, column: number, place: string, message: string, advice: string }} LocatedProblem
 */

/**
 * @typedef {object} PolicyReport
 * @property {import('../../src/policy/index.ts').Policy | null} policy
 * @property {readonly LocatedProblem[]} problems
 * @property {'none' | 'valid' | 'wrong'} signature
 */

/**
 * Judges a policy as the product does, and says where in the file.
 * @param {string} text
 * @returns {Promise<PolicyReport>}
 */
export async function checkPolicyText(text) {
  const { findNodeAtLocation, parseTree, printParseErrorCode } = await import('jsonc-parser');
  const policies = /** @type {typeof import('../../src/policy/index.ts')} */ (
    await sourceModule('src/policy/index.ts')
  );
  /** @type {import('jsonc-parser').ParseError[]} */
  const errors = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [syntax] = errors;
  if (syntax !== undefined || tree === undefined) {
    const { line, column } = positionOf(text, syntax?.offset ?? 0);
    const what = syntax === undefined ? 'is empty' : `is no JSON here: ${printParseErrorCode(syntax.error)}`;
    const advice =
      'JSON has no comments and no comma before a closing bracket; keys and texts stand in double quotation marks.';
    return { policy: null, signature: 'none', problems: [{ line, column, place: 'the file', message: what, advice }] };
  }
  const value = JSON.parse(text);
  const { policy, problems } = policies.checkPolicy(value);
  const located = problems.map(({ path, message, advice }) => {
    // A key that is missing has no place of its own: that of what should hold it.
    let node;
    for (let depth = path.length; node === undefined && depth >= 0; depth--) {
      node = depth === 0 ? tree : findNodeAtLocation(tree, path.slice(0, depth));
    }
    const isKey = node?.parent?.type === 'property';
    const { line, column } = positionOf(text, (isKey ? node?.parent?.offset : node?.offset) ?? 0);
    return { line, column, place: policies.placeOf(path), message, advice };
  });
  located.sort((a, b) => a.line - b.line || a.column - b.column);
  if (policy === null || value.signature === undefined) return { policy, problems: located, signature: 'none' };
  if (await policies.isSignedBy(value.signature, policies.signedText(value))) {
    return { policy, problems: [], signature: 'valid' };
  }
  const at = positionOf(text, findNodeAtLocation(tree, ['signature'])?.offset ?? 0);
  const advice = 'The file was changed after it was signed. Sign it again: npm run policy -- sign FILE --key KEY.';
  const wrong = { ...at, place: 'signature', message: 'does not fit the file', advice };
  return { policy: null, problems: [wrong], signature: 'wrong' };
}

/**
 * What passes and may still not be meant.
 * @param {import('../../src/policy/index.ts').Policy} policy
 * @param {string} catalogueFile
 * @returns {readonly string[]}
 */
export function adviceOn(policy, catalogueFile) {
  const { models, frameAncestors, widget, vault, features } = policy;
  /** @type {string[]} */
  const advice = [];
  const known = knownModels(catalogueFile);
  for (const { id, sha256 } of models.allowed ?? []) {
    if (known !== null && !known.includes(id)) advice.push(`models.allowed: this site’s catalogue has no "${id}".`);
    if (sha256 === null)
      advice.push(`models.allowed: "${id}" has no sha256: whatever the site’s manifest says may run.`);
  }
  if (frameAncestors.some((origin) => origin.includes('*'))) {
    advice.push('frameAncestors: a star lets every host below that name hold the widget.');
  }
  if (frameAncestors.length > 0)
    advice.push('frameAncestors: browsers obey the server’s header. Make its configuration anew: npm run recipe.');
  if (widget.messages === 'read')
    advice.push('widget.messages: pages that hold the widget can read what is said. Tell the people who use it.');
  if (vault === 'required' && features.temporaryChat) {
    advice.push('vault: temporary chats are written nowhere, with a vault or without.');
  }
  return advice;
}

/** @param {string} file */
function knownModels(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).models.map((/** @type {{ id: string }} */ { id }) => id);
  } catch {
    return null;
  }
}

/**
 * @param {string} text
 * @param {number} offset
 */
function positionOf(text, offset) {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
