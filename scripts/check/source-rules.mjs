import ts from 'typescript';
import { findLowMessages } from './message-rule.mjs';
import { isRoomDoor } from './rooms.mjs';
import { globalUsed, memberUsed, placeOf, visitNodes } from './syntax.mjs';

/**
 * @typedef {import('./files.mjs').ProjectFile} ProjectFile
 * @typedef {{ name: string, find: (files: readonly ProjectFile[]) => string[] }} Rule A rule names what is wrong, one line a place.
 */

/** The page's own proof that every way out is refused has to try each of them. */
const EGRESS_TEST = /^src\/app\/pwa\/egress-test\.ts$/;

/** Who may call `fetch`: the network room, the loader of our own WASM, the service worker that answers for the network. */
const MAY_FETCH = [
  /^src\/net\//,
  /^src\/runtime\/backends\/cpu\/engine-module\.ts$/,
  /^workers\/service-worker\.ts$/,
  EGRESS_TEST,
];

/** Who may start a thread: the supervisor, and the CPU engine's pool through the entry that hands it the factory. */
const MAY_START_WORKERS = [
  /^src\/client\//,
  /^src\/runtime\/backends\/cpu\//,
  /^workers\/(?:inference|embedding|bench)\.worker\.ts$/,
];

/** Ways out of the page that the product has no use for. */
const CHANNELS = new Set([
  'XMLHttpRequest',
  'WebSocket',
  'WebSocketStream',
  'EventSource',
  'WebTransport',
  'RTCPeerConnection',
  'importScripts',
]);

/** Members that turn text into a page or into code. */
const SINKS = new Set([
  'innerHTML',
  'outerHTML',
  'srcdoc',
  'insertAdjacentHTML',
  'setHTMLUnsafe',
  'parseHTMLUnsafe',
  'createContextualFragment',
  'dangerouslySetInnerHTML',
]);

/** @param {ProjectFile} file */
const isProductSource = ({ path }) =>
  /^(src|workers)\/.*\.tsx?$/.test(path) && !/\.test\.tsx?$|\/testing\/|\/assembly\/|^src\/bench\//.test(path);

/**
 * A rule over every node of the product's sources.
 * @param {string} name
 * @param {(node: ts.Node, path: string) => string | null} judge What is wrong with the node, or null.
 * @returns {Rule}
 */
function nodeRule(name, judge) {
  return {
    name,
    find: (files) => {
      /** @type {string[]} */
      const problems = [];
      for (const file of files.filter(isProductSource)) {
        visitNodes(file, (node, source) => {
          const problem = judge(node, file.path);
          if (problem !== null) problems.push(`${placeOf(node, source)}: ${problem}`);
        });
      }
      return problems;
    },
  };
}

/** @param {readonly RegExp[]} patterns @param {string} path */
const isAllowed = (patterns, path) => patterns.some((pattern) => pattern.test(path));

/** @type {readonly Rule[]} */
export const SOURCE_RULES = [
  nodeRule('fetch stays in src/net', (node, path) =>
    globalUsed(node) === 'fetch' && !isAllowed(MAY_FETCH, path) ? 'fetch outside src/net' : null,
  ),
  nodeRule('no other channel to a network', (node, path) => {
    if (EGRESS_TEST.test(path)) return null;
    const name = globalUsed(node);
    if (name !== null && CHANNELS.has(name)) return `${name} is a way out of the page`;
    return memberUsed(node) === 'sendBeacon' ? 'sendBeacon is a way out of the page' : null;
  }),
  nodeRule('threads are started by their supervisor', (node, path) => {
    if (!ts.isNewExpression(node)) return null;
    const name = globalUsed(node.expression) ?? memberUsed(node.expression);
    const isWorker = name === 'Worker' || name === 'SharedWorker';
    return isWorker && !isAllowed(MAY_START_WORKERS, path) ? `new ${name} outside the supervisor` : null;
  }),
  nodeRule('no text becomes HTML or code', (node) => {
    const member = memberUsed(node);
    if (member !== null && SINKS.has(member)) return `${member} is an HTML sink`;
    if (ts.isCallExpression(node) && /^document\.write(ln)?$/.test(node.expression.getText())) {
      return 'document.write is an HTML sink';
    }
    const isCode = (ts.isCallExpression(node) || ts.isNewExpression(node)) && globalUsed(node.expression);
    return isCode === 'eval' || isCode === 'Function' ? `${isCode} runs text as code` : null;
  }),
  nodeRule('messages name their receiver', (node) => {
    if (!ts.isCallExpression(node) || memberOrName(node.expression) !== 'postMessage') return null;
    const isAnyone = (/** @type {ts.Expression} */ value) => ts.isStringLiteralLike(value) && value.text === '*';
    const isOpen = node.arguments.some(
      (argument) =>
        isAnyone(argument) ||
        (ts.isObjectLiteralExpression(argument) &&
          argument.properties.some(
            (property) =>
              ts.isPropertyAssignment(property) &&
              property.name.getText() === 'targetOrigin' &&
              isAnyone(property.initializer),
          )),
    );
    return isOpen ? "postMessage to '*'" : null;
  }),
  {
    name: 'errors speak in sentences',
    find: (files) => files.filter(isProductSource).flatMap(findLowMessages),
  },
  {
    name: 'index.ts only exports',
    find: (files) => {
      /** @type {string[]} */
      const problems = [];
      for (const file of files.filter(({ path }) => isRoomDoor(path))) {
        visitNodes(file, (node, source) => {
          if (node.parent === source && !ts.isExportDeclaration(node) && node.kind !== ts.SyntaxKind.EndOfFileToken) {
            problems.push(`${placeOf(node, source)}: an index.ts holds exports from other files and nothing else`);
          }
        });
      }
      return problems;
    },
  },
];

/** @param {ts.Expression} expression */
const memberOrName = (expression) => memberUsed(expression) ?? globalUsed(expression);
