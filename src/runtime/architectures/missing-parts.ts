const EXPERTS = 'its mixture of experts';
const RECURRENT = 'its recurrent layers';
const ENCODER = 'being an encoder, which makes embeddings and no text';
const ALIBI = 'its ALiBi positions';
const LATENT = 'its latent attention';

/** Architectures that are known by name, and the part of each that no spec can say yet. */
export const MISSING_PARTS: ReadonlyMap<string, string> = new Map([
  ['nemotron_h_moe', EXPERTS],
  ['plamo2', 'its state-space layers'],
  ['qwen3next', 'its gated delta-rule layers'],
  ['rwkv6', RECURRENT],
  ['rwkv7', RECURRENT],
  ['arwkv7', RECURRENT],
  ['rwkv6qwen2', RECURRENT],
  ['dbrx', EXPERTS],
  ['smallthinker', 'its router, which reads what comes before attention'],
  ['talkie', 'its embedding, which every layer adds anew'],
  ['deepseek2', LATENT],
  ['minicpm3', LATENT],
  ['plm', LATENT],
  ['llama4', EXPERTS],
  ['apertus', 'its xIELU activation'],
  ['baichuan', ALIBI],
  ['mpt', ALIBI],
  ['bloom', ALIBI],
  ['jais', ALIBI],
  ['refact', ALIBI],
  ['bert', ENCODER],
  ['nomic-bert', ENCODER],
  ['modern-bert', ENCODER],
  ['jina-bert-v2', ENCODER],
  ['gemma-embedding', ENCODER],
  ['t5', 'its separate encoder'],
  ['t5encoder', ENCODER],
  ['clip', 'being an image encoder'],
  ['llada', 'writing by diffusion instead of token by token'],
  ['dream', 'writing by diffusion instead of token by token'],
]);
