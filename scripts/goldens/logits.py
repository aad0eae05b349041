"""Makes logits.json and logits.bin: exact next-token distributions over evaluation-text.txt, the oracle of the engines.

The forward pass is plain numpy in float32 over weights that the `gguf` package dequantises: no engine of ours and none of
llama.cpp's kernels are involved. llama.cpp then reads the first segment, as a check that both run the same model.

    python scripts/goldens/logits.py          (needs numpy, gguf, llama-cpp-python; about a minute)

logits.bin, little-endian, for each of `positions` positions, arrays one after the other:
    uint16  [positions][top]   token ids, most likely first
    float32 [positions][top]   their log-probabilities
    float32 [positions]        log of the probability mass of all other tokens
    float32 [positions]        negative log-likelihood of the token that really follows
"""

import json
from pathlib import Path

import numpy as np
from gguf import GGUFReader, dequantize
from llama_cpp import Llama

HERE = Path(__file__).parent
MODEL = HERE.parent.parent / "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
SEGMENTS = 4
LENGTH = 600
TOP = 64


class Reference:
    """A llama decoder in numpy: rows of activations times transposed weights, nothing fused, nothing quantised."""

    def __init__(self, path):
        reader = GGUFReader(path)
        field = lambda key: reader.fields[f"llama.{key}"].contents()
        self.layers = field("block_count")
        self.heads = field("attention.head_count")
        self.kv_heads = field("attention.head_count_kv")
        self.epsilon = field("attention.layer_norm_rms_epsilon")
        self.rope_base = field("rope.freq_base")
        self.weights = {t.name: dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors}
        self.hidden = field("embedding_length")
        self.head = self.hidden // self.heads

    def norm(self, x, name):
        mean = np.mean(x.astype(np.float64) ** 2, axis=-1, keepdims=True)
        return (x / np.sqrt(mean + self.epsilon)).astype(np.float32) * self.weights[name]

    def rope(self, x):
        """x [tokens, heads, head]; the file's rows are permuted for pairs (2i, 2i + 1)."""
        pairs = np.arange(0, self.head, 2) / self.head
        angles = np.arange(x.shape[0])[:, None] * self.rope_base ** -pairs[None, :]
        cos, sin = np.cos(angles)[:, None, :], np.sin(angles)[:, None, :]
        even, odd = x[..., 0::2], x[..., 1::2]
        out = np.empty_like(x)
        out[..., 0::2] = even * cos - odd * sin
        out[..., 1::2] = even * sin + odd * cos
        return out

    def logits(self, ids):
        w = self.weights
        x = w["token_embd.weight"][ids]
        n = len(ids)
        mask = np.triu(np.full((n, n), -np.inf, np.float32), 1)
        for i in range(self.layers):
            p = f"blk.{i}."
            a = self.norm(x, p + "attn_norm.weight")
            q = self.rope((a @ w[p + "attn_q.weight"].T).reshape(n, self.heads, self.head))
            k = self.rope((a @ w[p + "attn_k.weight"].T).reshape(n, self.kv_heads, self.head))
            v = (a @ w[p + "attn_v.weight"].T).reshape(n, self.kv_heads, self.head)
            share = self.heads // self.kv_heads
            out = np.empty_like(q)
            for h in range(self.heads):
                s = (q[:, h] @ k[:, h // share].T) / np.sqrt(self.head) + mask
                e = np.exp(s - s.max(axis=-1, keepdims=True))
                out[:, h] = (e / e.sum(axis=-1, keepdims=True)) @ v[:, h // share]
            x = x + out.reshape(n, self.hidden) @ w[p + "attn_output.weight"].T
            a = self.norm(x, p + "ffn_norm.weight")
            g = a @ w[p + "ffn_gate.weight"].T
            u = a @ w[p + "ffn_up.weight"].T
            x = x + (g / (1 + np.exp(-g)) * u) @ w[p + "ffn_down.weight"].T
        return self.norm(x, "output_norm.weight") @ w["token_embd.weight"].T


def log_softmax(logits):
    x = logits.astype(np.float64)
    x -= x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def main():
    text = (HERE / "evaluation-text.txt").read_bytes()
    llama = Llama(str(MODEL), n_ctx=1024, n_batch=1024, logits_all=True, verbose=False)
    ids = llama.tokenize(text, add_bos=False, special=False)
    wanted = SEGMENTS * LENGTH
    assert len(ids) > wanted, len(ids)
    ids = ids[: wanted + 1]

    reference = Reference(MODEL)
    top_ids, top_logs, tails, nlls = [], [], [], []
    check = {}
    for s in range(SEGMENTS):
        segment = ids[s * LENGTH : (s + 1) * LENGTH]
        logs = log_softmax(reference.logits(segment))
        order = np.argsort(-logs, axis=-1, kind="stable")[:, :TOP]
        chosen = np.take_along_axis(logs, order, axis=-1)
        following = ids[s * LENGTH + 1 : (s + 1) * LENGTH + 1]
        top_ids.append(order.astype("<u2"))
        top_logs.append(chosen.astype("<f4"))
        tails.append(np.log(np.maximum(1 - np.exp(chosen).sum(axis=-1), 1e-12)).astype("<f4"))
        nlls.append(-logs[np.arange(LENGTH), following].astype("<f4"))
        if s == 0:
            llama.reset()
            llama.eval(segment)
            theirs = log_softmax(llama.scores[:LENGTH])
            kl = (np.exp(logs) * (logs - theirs)).sum(axis=-1).mean()
            check = {"top1": float((order[:, 0] == theirs.argmax(-1)).mean()), "kl": float(kl)}
            print("llama.cpp, first segment:", check)
            assert check["top1"] > 0.93 and check["kl"] < 0.01
    nll = np.concatenate(nlls)
    with open(HERE / "logits.bin", "wb") as out:
        for part in (np.concatenate(top_ids), np.concatenate(top_logs), np.concatenate(tails), nll):
            out.write(part.tobytes())
    header = {
        "model": MODEL.name,
        "segments": SEGMENTS,
        "length": LENGTH,
        "positions": wanted,
        "top": TOP,
        "perplexity": float(np.exp(nll.astype(np.float64).mean())),
        "llamaCppFirstSegment": check,
        "tokens": ids,
    }
    (HERE / "logits.json").write_text(json.dumps(header) + "\n")
    print("perplexity", header["perplexity"])


if __name__ == "__main__":
    main()
