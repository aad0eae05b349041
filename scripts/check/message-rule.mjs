import ts from 'typescript';
import { placeOf, visitNodes } from './syntax.mjs';

/** A word of prose; names of fields and files, which stay as they are, have a capital, a dot or a quotation mark in them. */
const LOWER_CASE = /^[a-z]+[ :,]/;

/** @param {ts.Node} node @returns {ts.Expression | undefined} What becomes the message, of `new SottoError(code, message)`. */
const messageOf = (node) =>
  ts.isNewExpression(node) && node.expression.getText() === 'SottoError' ? node.arguments?.[1] : undefined;

/** @param {ts.Node} node @returns {string | null} What a function is called. */
function nameOfFunction(node) {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return node.name?.getText() ?? null;
  const isNamed = ts.isArrowFunction(node) && ts.isVariableDeclaration(node.parent);
  return isNamed ? node.parent.name.getText() : null;
}

/** @param {ts.Node} node @returns {{ name: string, parameters: readonly string[] } | null} The named function around a node. */
function functionAround(node) {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    const name = nameOfFunction(at);
    if (name === null || !ts.isFunctionLike(at)) continue;
    return { name, parameters: at.parameters.map((parameter) => parameter.name.getText()) };
  }
  return null;
}

/** @param {ts.Expression | undefined} message @returns {boolean} */
function startsLow(message) {
  if (message === undefined) return false;
  if (ts.isConditionalExpression(message)) return startsLow(message.whenTrue) || startsLow(message.whenFalse);
  const text = ts.isStringLiteralLike(message)
    ? message.text
    : ts.isTemplateExpression(message)
      ? message.head.text
      : '';
  return LOWER_CASE.test(text);
}

/**
 * Sentences begin with a capital, those of errors too: a person reads them. Looked at are messages as they are written, also
 * where a function of the same file makes the error of them.
 * @param {import('./files.mjs').ProjectFile} file
 * @returns {string[]}
 */
export function findLowMessages(file) {
  /** @type {Map<string, number>} Which parameter of a function becomes the message of an error. */
  const makers = new Map();
  visitNodes(file, (node) => {
    const message = messageOf(node);
    if (message === undefined || !ts.isIdentifier(message)) return;
    const around = functionAround(node);
    const index = around?.parameters.indexOf(message.text) ?? -1;
    if (around !== null && index >= 0) makers.set(around.name, index);
  });
  /** @type {string[]} */
  const problems = [];
  visitNodes(file, (node, source) => {
    const index = ts.isCallExpression(node) ? makers.get(node.expression.getText().replace(/^this\./, '')) : undefined;
    const message = index === undefined ? messageOf(node) : /** @type {ts.CallExpression} */ (node).arguments[index];
    if (startsLow(message)) problems.push(`${placeOf(node, source)}: this message begins in lower case`);
  });
  return problems;
}
