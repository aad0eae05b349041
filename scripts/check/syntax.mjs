import ts from 'typescript';

/**
 * Parses a source file and hands every node to `visit`. Comments and strings are no code here, so a rule that looks at
 * nodes can neither be fooled nor be set off by prose.
 * @param {import('./files.mjs').ProjectFile} file
 * @param {(node: ts.Node, source: ts.SourceFile) => void} visit
 */
export function visitNodes(file, visit) {
  const kind = file.path.endsWith('x')
    ? ts.ScriptKind.TSX
    : file.path.endsWith('.ts')
      ? ts.ScriptKind.TS
      : ts.ScriptKind.JS;
  const source = ts.createSourceFile(file.path, file.text(), ts.ScriptTarget.Latest, true, kind);
  const walk = (/** @type {ts.Node} */ node) => {
    visit(node, source);
    ts.forEachChild(node, walk);
  };
  walk(source);
}

/**
 * "path:line", for a message that an editor can open.
 * @param {ts.Node} node
 * @param {ts.SourceFile} source
 */
export function placeOf(node, source) {
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
}

const GLOBALS = new Set(['globalThis', 'self', 'window']);

/**
 * The name of a global when `node` is a use of one: `fetch`, `self.fetch`; null for declarations and for members.
 * @param {ts.Node} node
 * @returns {string | null}
 */
export function globalUsed(node) {
  if (!ts.isIdentifier(node)) return null;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return ts.isIdentifier(parent.expression) && GLOBALS.has(parent.expression.text) ? node.text : null;
  }
  // Types and declared names speak of a thing without reaching it.
  const isName = 'name' in parent && parent.name === node;
  const isShorthand = ts.isShorthandPropertyAssignment(parent);
  return (isName && !isShorthand) || ts.isTypeNode(parent) || ts.isImportSpecifier(parent) || ts.isTypeQueryNode(parent)
    ? null
    : node.text;
}

/**
 * The name of the member a node reads, writes or calls: `innerHTML` of `element.innerHTML` and of `element['innerHTML']`.
 * @param {ts.Node} node
 * @returns {string | null}
 */
export function memberUsed(node) {
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return node.argumentExpression.text;
  }
  if (ts.isJsxAttribute(node)) return node.name.getText();
  return null;
}
