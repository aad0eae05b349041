/**
 * @typedef {import('./files.mjs').ProjectFile} ProjectFile
 * @typedef {import('./source-rules.mjs').Rule} Rule
 */

/** Addresses that may stand in the build because nothing ever asks for them. */
const MENTIONED_ONLY = [
  // Names of XML namespaces.
  /^http:\/\/www\.w3\.org\/(1999\/xhtml|1999\/xlink|2000\/svg|1998\/Math\/MathML|XML\/1998\/namespace)$/,
  // Error messages of workbox and of marked.
  /^https:\/\/bit\.ly\/wb-precache$/,
  /^https:\/\/github\.com\/markedjs\/marked\.$/,
  // How a Git LFS pointer begins, recognised by the GGUF reader.
  /^https:\/\/git-lfs$/,
  // The markdown lexer writes the scheme before a bare "www." or mail address of a text; links are shown, never followed.
  /^https?:\/\/\$\{/,
  // Error message of the bundler's stand-in for `require`.
  /^https:\/\/rolldown\.rs\//,
  // How a polyfill in the PDF reader tries out the browser's URL class; all of them are parsed, none is asked.
  /^https?:\/\/(?:a|x|тест)(?:[/@#?].*)?$/,
  // Examples in advice on a policy, under a name that is kept for examples; the schema of its schema.
  /^https:\/\/(?:mirror|intranet)\.example(?:\/|$)/,
  /^https:\/\/json-schema\.org\/draft\//,
  // Where scripts/vite/nameless-hosts.ts put the hosts that libraries name; it cannot be resolved.
  /^https:\/\/host\.invalid/,
];

/** @type {readonly Rule[]} Rules over dist/. */
export const BUILD_RULES = [
  {
    name: 'the build names no foreign host',
    find: (files) =>
      files
        .filter(({ path }) => /\.(m?js|css|html|webmanifest|svg|json)$/.test(path))
        .flatMap((file) => {
          const addresses = file.text().match(/\b(?:https?|wss?):\/\/[^\s"'`<>)\\]+/g) ?? [];
          return addresses
            .filter((address) => !MENTIONED_ONLY.some((pattern) => pattern.test(address)))
            .map((address) => `${file.path}: ${address}`);
        }),
  },
];
