import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SERVERS } from '../deploy/recipes.mjs';
import { headersOfPolicy } from '../deploy/site.mjs';
import { writeAssetManifest } from '../lib/asset-manifest.mjs';
import { compressAssets } from '../lib/compress-assets.mjs';
import { Failure } from '../lib/failure.mjs';
import { DIST, ROOT } from '../lib/paths.mjs';
import { checkPolicyText } from '../policy/check.mjs';
import { addPack } from './packs.mjs';

/**
 * What goes into a bundle; files are absolute paths.
 * @typedef {object} BundleContent
 * @property {string | null} policy Null: the one that was built.
 * @property {readonly string[]} models Ids; empty: what the policy allows of the site's.
 * @property {readonly string[]} packs
 * @property {readonly string[]} knowledge
 * @property {string} path Where the site will be served.
 * @property {string} [dist] The built product.
 */

/** @typedef {{ id: string, name: string, kind?: string, manifest?: string }} Entry */

/**
 * Lays out the folder that becomes the archive: site/, servers/ and what verifies them.
 * @param {string} folder
 * @param {BundleContent} content
 * @returns {Promise<{ models: readonly string[], notes: readonly string[] }>}
 */
export async function layOutSite(folder, content) {
  const { dist = DIST } = content;
  const site = join(folder, 'site');
  const policyFile = content.policy ?? join(dist, 'sotto.policy.json');
  if (!existsSync(policyFile)) throw new Failure(`${policyFile} is not there.`);
  const policyText = readFileSync(policyFile, 'utf8');
  const { policy } = await checkPolicyText(policyText);
  if (policy === null) throw new Failure(`${policyFile} is no policy: npm run policy -- check ${policyFile}`);

  // Copies that an earlier `npm run compress` left belong to files that change here.
  cpSync(dist, site, { recursive: true, filter: (path) => !/\.(br|gz)$/.test(path) });
  writeFileSync(join(site, 'sotto.policy.json'), policyText);
  const packed = [];
  for (const pack of content.packs) packed.push(await addPack(site, pack));
  const models = chooseModels(site, packed, content.models, policy.models.allowed);
  addKnowledge(
    site,
    policy.widget.knowledge.map(({ url }) => url),
    content.knowledge,
  );
  await writeAssetManifest(site);
  await compressAssets(site);

  const headers = headersOfPolicy(policy);
  for (const { make, listen, file } of Object.values(SERVERS)) {
    const to = join(folder, 'servers', file);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, make({ root: '/srv/sotto/site', path: content.path, listen, ...headers }));
  }
  for (const name of ['README.txt', 'verify.mjs', 'verify.sh']) {
    cpSync(join(ROOT, 'scripts/bundle/inside', name), join(folder, name));
  }
  const notes = headers.connections.map(
    (origin) => `the policy names ${origin}, which this bundle does not hold: it must be within reach there.`,
  );
  return { models, notes };
}

/**
 * Leaves the chosen models in the site and its catalogue, and takes out the rest; so are those that are only known by an
 * address somewhere else, because nothing leads there.
 * @param {string} site
 * @param {readonly Entry[]} packed
 * @param {readonly string[]} wanted
 * @param {readonly { id: string }[] | null} allowed
 * @returns {readonly string[]}
 */
function chooseModels(site, packed, wanted, allowed) {
  const file = join(site, 'models/catalogue.json');
  const catalogue = /** @type {{ models: readonly Entry[] }} */ (JSON.parse(readFileSync(file, 'utf8')));
  const own = catalogue.models.filter(({ id, manifest }) => manifest && !packed.some((entry) => entry.id === id));
  const known = [...packed, ...own];
  for (const id of wanted) {
    if (!known.some((entry) => entry.id === id)) {
      throw new Failure(`This site has no model "${id}". It has: ${known.map((entry) => entry.id).join(', ')}.`);
    }
    if (allowed !== null && !allowed.some((entry) => entry.id === id))
      throw new Failure(`The policy does not allow "${id}": add it to models.allowed, or leave it out here.`);
  }
  const isTaken = (/** @type {Entry} */ { id }) =>
    (allowed === null || allowed.some((entry) => entry.id === id)) &&
    (wanted.length === 0 || wanted.includes(id) || packed.some((entry) => entry.id === id));
  const taken = known.filter(isTaken);
  if (taken.length === 0) throw new Failure('No model would be in the bundle: the policy allows none that is here.');
  for (const { manifest = '' } of known.filter((entry) => !taken.includes(entry))) {
    rmSync(join(site, 'models', dirname(manifest)), { recursive: true, force: true });
  }
  writeFileSync(file, `${JSON.stringify({ ...catalogue, models: taken }, null, 2)}\n`);
  return taken.map(({ id }) => id);
}

/**
 * @param {string} site
 * @param {readonly string[]} addresses of the policy
 * @param {readonly string[]} files
 */
function addKnowledge(site, addresses, files) {
  const paths = addresses.filter((address) => !/^https?:/.test(address));
  for (const path of paths) {
    const file = files.find((given) => basename(given) === basename(path));
    const to = join(site, path);
    if (file === undefined && existsSync(to)) continue;
    if (file === undefined || !existsSync(file))
      throw new Failure(`The policy names the knowledge pack "${path}": give it with --knowledge FILE.`);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(file, to);
  }
  const unnamed = files.filter((file) => !paths.some((path) => basename(path) === basename(file)));
  if (unnamed.length > 0)
    throw new Failure(
      `The policy names no knowledge pack "${basename(unnamed[0] ?? '')}": add it to widget.knowledge.`,
    );
}
