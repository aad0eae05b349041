import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, ROOT } from '../../lib/paths.mjs';
import { onnxModel, SHAPE } from '../onnx-model.mjs';
import { reachedFiles } from './reached-files.mjs';

/** Files of the pack that are written here; the page, its threads and kernels come from the build. */
const OWN = join(ROOT, 'scripts/bench/pack');
const WLLAMA = join(ROOT, 'node_modules/@wllama/wllama/esm');
const ONNX_RUNTIME = join(ROOT, 'node_modules/onnxruntime-web/dist');
const ONNX_RUNTIME_FILES = [
  'ort.webgpu.bundle.min.mjs',
  'ort-wasm-simd-threaded.asyncify.mjs',
  'ort-wasm-simd-threaded.asyncify.wasm',
];
/** Decoders of the shapes of the page's own random models; the longest context it measures fits. */
const ONNX_SHAPES = {
  '135m': { ...SHAPE, context: 4_608 },
  tiny: {
    layers: 2,
    hidden: 64,
    feedForward: 256,
    heads: 2,
    kvHeads: 1,
    headSize: 32,
    vocabulary: 512,
    context: 4_608,
  },
};

/**
 * Writes the benchmark page, and other engines beside it, from the build into a folder; what is there goes.
 * @param {string} out
 * @param {{ wantsPeers: boolean }} options
 */
export function writePack(out, { wantsPeers }) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'assets'), { recursive: true });
  const assets = readdirSync(join(DIST, 'assets'));
  for (const name of reachedFiles(readFileSync(join(DIST, 'bench.html'), 'utf8'), assets, (file) =>
    readFileSync(join(DIST, 'assets', file), 'latin1'),
  )) {
    cpSync(join(DIST, 'assets', name), join(out, 'assets', name));
  }
  cpSync(join(DIST, 'icon.svg'), join(out, 'icon.svg'));
  for (const name of ['serve.py', 'README.txt']) cpSync(join(OWN, name), join(out, name));
  let page = readFileSync(join(DIST, 'bench.html'), 'utf8');
  if (wantsPeers) {
    page = page.replace('<head>', '<head>\n    <meta name="sotto-bench-peers" content="./peers/peers.mjs" />');
    mkdirSync(join(out, 'peers/wllama'), { recursive: true });
    for (const name of ['peers.mjs', 'figure.mjs', 'onnx-peer.mjs', 'wllama-peer.mjs']) {
      cpSync(join(OWN, name), join(out, 'peers', name));
    }
    cpSync(join(WLLAMA, 'index.js'), join(out, 'peers/wllama/index.js'));
    cpSync(join(WLLAMA, 'wasm/wllama.wasm'), join(out, 'peers/wllama/wllama.wasm'));
    mkdirSync(join(out, 'peers/onnx'));
    for (const name of ONNX_RUNTIME_FILES) cpSync(join(ONNX_RUNTIME, name), join(out, 'peers/onnx', name));
    for (const [name, shape] of Object.entries(ONNX_SHAPES)) {
      const { bytes, weights } = onnxModel('q4', shape, { location: 'weights', choosesToken: true });
      writeFileSync(join(out, 'peers/onnx', `${name}.onnx`), bytes);
      writeFileSync(join(out, 'peers/onnx', `${name}.json`), JSON.stringify({ ...shape, weights }));
    }
  }
  // Under both names: the page's own, and the one that servers open.
  for (const name of ['bench.html', 'index.html']) writeFileSync(join(out, name), page);
}
