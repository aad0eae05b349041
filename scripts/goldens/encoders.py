"""Tiny random encoders of every architecture that is run, and llama.cpp's vectors for some texts.

    python scripts/goldens/encoders.py             (needs: llama-cpp-python, gguf, numpy; after vocabularies.py)

Writes src/runtime/backends/cpu/testing/encoders/ARCHITECTURE.gguf (vocabularies of vocabularies.json, random F16 weights with a fixed seed) and
scripts/goldens/encoders.json.
"""

import base64
import json
from pathlib import Path

import gguf
import llama_cpp
import numpy as np

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "src/runtime/backends/cpu/testing/encoders"
OUTPUT = HERE / "encoders.json"
VOCABULARIES = json.loads((HERE / "vocabularies.json").read_text())["vocabularies"]
HIDDEN, INNER, HEADS, CONTEXT = 64, 128, 4, 128
# No multiples of a block of 32, in heads of 26: the widths of the smallest BERTs, divided by six.
NARROW = {"hidden": 52, "inner": 100, "heads": 2}
TEXTS = ["The capital of France is Paris.", "a", "Bananas are yellow, and so are lemons; the sea is blue. Where are we now?", "1, 2, 3! naïve café", "one two three four five six seven eight nine ten " * 2]


class Model:
    def __init__(self, architecture, vocabulary, layers, hidden=HIDDEN, inner=INNER, heads=HEADS, file=None, **fields):
        self.path = FOLDER / f"{file or architecture}.gguf"
        self.random = np.random.default_rng(7)
        self.writer = gguf.GGUFWriter(self.path, architecture)
        self.writer.add_context_length(CONTEXT)
        self.writer.add_embedding_length(hidden)
        self.writer.add_feed_forward_length(inner)
        self.writer.add_block_count(layers)
        self.writer.add_head_count(heads)
        self.writer.add_causal_attention(False)
        for key, value in fields.items():
            key = f"{architecture}.{key.replace('__', '.')}"
            (self.writer.add_float32 if isinstance(value, float) else self.writer.add_uint32)(key, value)
        for key, value in {**VOCABULARIES[vocabulary[0]], **vocabulary[1]}.items():
            key = f"tokenizer.ggml.{key}"
            (self.writer.add_bool if isinstance(value, bool) else self.writer.add_uint32 if isinstance(value, int) else self.writer.add_string if isinstance(value, str) else self.writer.add_array)(key, value)
        self.words = len(VOCABULARIES[vocabulary[0]]["tokens"])

    def matrix(self, name, rows, columns, scale=None):
        values = self.random.normal(0, scale or 1.5 / np.sqrt(columns), (rows, columns))
        self.writer.add_tensor(f"{name}.weight", values.astype(np.float16))

    def vector(self, name, size, middle=0.0):
        self.writer.add_tensor(name, (middle + self.random.normal(0, 0.1, size)).astype(np.float32))

    def norm(self, name, size=HIDDEN, bias=False):
        self.vector(f"{name}.weight", size, 1.0)
        if bias:
            self.vector(f"{name}.bias", size)

    def done(self):
        self.writer.write_header_to_file()
        self.writer.write_kv_data_to_file()
        self.writer.write_tensors_to_file()
        self.writer.close()
        llama = llama_cpp.Llama(model_path=str(self.path), embedding=True, n_ctx=CONTEXT, n_batch=CONTEXT, n_ubatch=CONTEXT, verbose=False, n_threads=1)
        cases = []
        for text in TEXTS:
            ids = llama.tokenize(text.encode(), add_bos=True, special=False)
            vector = np.array(llama.create_embedding(text)["data"][0]["embedding"], np.float32)
            vector /= np.linalg.norm(vector)
            cases.append({"text": text, "ids": ids, "vector": base64.b64encode(vector.astype("<f4").tobytes()).decode()})
        print(self.path.name, self.path.stat().st_size, [len(case["ids"]) for case in cases])
        return cases


def bert(hidden=HIDDEN, inner=INNER, heads=HEADS, file=None):
    model = Model("bert", (4, {"token_type_count": 2}), 2, hidden, inner, heads, file, attention__layer_norm_epsilon=1e-12, pooling_type=2)
    model.matrix("token_embd", model.words, hidden, 1.0)
    model.matrix("position_embd", CONTEXT, hidden, 0.5)
    model.writer.add_tensor("token_types.weight", model.random.normal(0, 0.5, (2, hidden)).astype(np.float32))
    model.norm("token_embd_norm", hidden, bias=True)
    for layer in range(2):
        part = f"blk.{layer}"
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            model.matrix(f"{part}.{name}", hidden, hidden)
            model.vector(f"{part}.{name}.bias", hidden)
        model.norm(f"{part}.attn_output_norm", hidden, bias=True)
        model.matrix(f"{part}.ffn_up", inner, hidden)
        model.vector(f"{part}.ffn_up.bias", inner)
        model.matrix(f"{part}.ffn_down", hidden, inner)
        model.vector(f"{part}.ffn_down.bias", hidden)
        model.norm(f"{part}.layer_output_norm", hidden, bias=True)
    return model.done()


def nomic_bert():
    model = Model("nomic-bert", (4, {"token_type_count": 2}), 2, attention__layer_norm_epsilon=1e-12, pooling_type=1, rope__freq_base=1000.0)
    model.matrix("token_embd", model.words, HIDDEN, 1.0)
    model.writer.add_tensor("token_types.weight", model.random.normal(0, 0.5, (2, HIDDEN)).astype(np.float32))
    model.norm("token_embd_norm", bias=True)
    for layer in range(2):
        part = f"blk.{layer}"
        model.matrix(f"{part}.attn_qkv", 3 * HIDDEN, HIDDEN)
        model.matrix(f"{part}.attn_output", HIDDEN, HIDDEN)
        model.norm(f"{part}.attn_output_norm", bias=True)
        model.matrix(f"{part}.ffn_up", INNER, HIDDEN)
        model.matrix(f"{part}.ffn_gate", INNER, HIDDEN)
        model.matrix(f"{part}.ffn_down", HIDDEN, INNER)
        model.norm(f"{part}.layer_output_norm", bias=True)
    return model.done()


def modern_bert():
    layers = 4
    special = {"pre": "modern-bert", "add_bos_token": True, "add_sep_token": True, "seperator_token_id": len(VOCABULARIES[0]["tokens"]) - 5}
    model = Model("modern-bert", (0, special), layers, attention__layer_norm_epsilon=1e-5, pooling_type=1, attention__sliding_window=8, rope__freq_base=160000.0)
    model.matrix("token_embd", model.words, HIDDEN, 1.0)
    model.norm("token_embd_norm")
    for layer in range(layers):
        part = f"blk.{layer}"
        if layer > 0:
            model.norm(f"{part}.attn_norm")
        model.matrix(f"{part}.attn_qkv", 3 * HIDDEN, HIDDEN)
        model.matrix(f"{part}.attn_output", HIDDEN, HIDDEN)
        model.norm(f"{part}.ffn_norm")
        model.matrix(f"{part}.ffn_up", 2 * INNER, HIDDEN)
        model.matrix(f"{part}.ffn_down", HIDDEN, INNER)
    model.norm("output_norm")
    return model.done()


def gemma_embedding():
    layers, head = 6, 32
    model = Model(
        "gemma-embedding", (2, {"add_eos_token": True}), layers, attention__layer_norm_rms_epsilon=1e-6, pooling_type=1, attention__sliding_window=8, attention__head_count_kv=1,
        attention__key_length=head, attention__value_length=head, rope__freq_base=1000000.0,
    )
    model.matrix("token_embd", model.words, HIDDEN, 1.0)
    for layer in range(layers):
        part = f"blk.{layer}"
        model.norm(f"{part}.attn_norm")
        model.matrix(f"{part}.attn_q", HEADS * head, HIDDEN)
        model.matrix(f"{part}.attn_k", head, HIDDEN)
        model.matrix(f"{part}.attn_v", head, HIDDEN)
        model.norm(f"{part}.attn_q_norm", head)
        model.norm(f"{part}.attn_k_norm", head)
        model.matrix(f"{part}.attn_output", HIDDEN, HEADS * head)
        model.norm(f"{part}.post_attention_norm")
        model.norm(f"{part}.ffn_norm")
        model.matrix(f"{part}.ffn_gate", INNER, HIDDEN)
        model.matrix(f"{part}.ffn_up", INNER, HIDDEN)
        model.matrix(f"{part}.ffn_down", HIDDEN, INNER)
        model.norm(f"{part}.post_ffw_norm")
    model.norm("output_norm")
    return model.done()


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    cases = {"bert": bert(), "bert-narrow": bert(**NARROW, file="bert-narrow"), "nomic-bert": nomic_bert(), "modern-bert": modern_bert(), "gemma-embedding": gemma_embedding()}
    made = f"llama-cpp-python {llama_cpp.__version__}, scripts/goldens/encoders.py"
    OUTPUT.write_text(json.dumps({"made": made, "encoders": cases}, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
