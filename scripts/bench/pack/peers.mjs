/**
 * Other engines for the benchmark page of a pack. These files run as they are, in the page; the libraries lie beside them.
 * @typedef {import('../../../src/bench/peers.ts').Peer} Peer
 */
import { onnxPeer } from './onnx-peer.mjs';
import { wllamaPeer } from './wllama-peer.mjs';

/** @type {readonly Peer[]} */
export const peers = [onnxPeer, wllamaPeer(true), wllamaPeer(false)];
