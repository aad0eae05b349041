"""Makes architectures.json: what llama.cpp computes for a tiny random model of every architecture and several block types.

No weights are committed: every value comes from a hash of its place (see `random_bytes`), which the tests compute alike. The
JSON holds each model's metadata and tensor shapes ("*" for the block type of the run), and the logits of some positions as
base64: float32 for models in F32, which tell whether the arithmetic is the same; float16 for the others, whose activations
llama.cpp quantises.

    python scripts/goldens/architectures.py [NAME …]      (needs numpy, gguf, llama-cpp-python; a minute)

With names, only those models are made anew.
"""

import base64
import ctypes
import json
import math
import os
import sys
import tempfile
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
from architecture_models import MODELS, WEIGHT

HERE = Path(__file__).parent
OUT = HERE / "architectures.json"
LENGTH = 150
POSITIONS = [0, 3, 17, 40, 149]
# Kept for the block types.
FEW_POSITIONS = [2, 4]
KINDS = ["F32", "F16", "Q8_0", "Q4_0", "Q4_1"]


def random_bytes(seed, count):
    """Byte i of tensor `seed`: a mix of both (the constants are Murmur's and its kin's)."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32((seed * 0x85EBCA6B) & 0xFFFFFFFF)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x2C1B3C6D)
    x ^= x >> np.uint32(12)
    x *= np.uint32(0x297A2D39)
    x ^= x >> np.uint32(15)
    return (x >> np.uint32(24)).astype(np.uint8)


def unit(columns):
    """A power of two near 1.5 / √columns: weights of that size keep activations near 1."""
    return 2.0 ** round(math.log2(1.5 / math.sqrt(columns)))


def half(value):
    return np.frombuffer(np.float16(value).tobytes(), np.uint8)


# Block types: values and bytes of a block, and what is written over its random bytes so that values are near ± unit.
BLOCKS = {
    "Q8_0": (32, 34, lambda u: {0: half(u / 128)}),
    "Q4_0": (32, 18, lambda u: {0: half(u / 8)}),
    "Q4_1": (32, 20, lambda u: {0: half(u / 8), 2: half(-u * 15 / 16)}),
    "Q5_0": (32, 22, lambda u: {0: half(u / 16)}),
    "Q5_1": (32, 24, lambda u: {0: half(u / 16), 2: half(-u * 31 / 32)}),
    "Q2_K": (256, 84, lambda u: {80: half(u / 16), 82: half(u * 3 / 32)}),
    "Q3_K": (256, 110, lambda u: {108: half(u / 64)}),
    "Q4_K": (256, 144, lambda u: {0: half(u / 256), 2: half(u * 15 / 512)}),
    "Q5_K": (256, 176, lambda u: {0: half(u / 512), 2: half(u * 31 / 1024)}),
    "Q6_K": (256, 210, lambda u: {208: half(u / 2048)}),
    "IQ4_NL": (32, 18, lambda u: {0: half(u / 128)}),
    "IQ4_XS": (256, 136, lambda u: {0: half(u / 2048)}),
    "MXFP4": (32, 17, lambda u: {0: np.uint8([125 + round(math.log2(u))])}),
    "TQ1_0": (256, 54, lambda u: {52: half(u / 2)}),
    "TQ2_0": (256, 66, lambda u: {64: half(u / 2)}),
    "Q1_0": (128, 18, lambda u: {0: half(u / 2)}),
}
# Held as other types by the engines, whatever the model.
CODEBOOKS = {
    "IQ1_S": (256, 50, lambda u: {0: half(u / 16)}),
    "IQ2_XXS": (256, 66, lambda u: {0: half(u / 128)}),
    "IQ2_XS": (256, 74, lambda u: {0: half(u / 128)}),
    "IQ2_S": (256, 82, lambda u: {0: half(u / 128)}),
    "IQ3_XXS": (256, 98, lambda u: {0: half(u / 512)}),
    "IQ3_S": (256, 110, lambda u: {0: half(u / 512)}),
}
LAYOUTS = BLOCKS | CODEBOOKS


def tensor_data(name, kind, shape, seed):
    """`shape` innermost first, as GGUF has it."""
    count = math.prod(shape)
    if kind in LAYOUTS:
        values, size, fixed = LAYOUTS[kind]
        data = random_bytes(seed, count // values * size).reshape(-1, size)
        for at, patch in fixed(unit(shape[0])).items():
            data[:, at : at + len(patch)] = patch
        return data.reshape(*reversed(shape[1:]), -1)
    signed = (random_bytes(seed, count).astype(np.float32) - 128) / 128
    if name.endswith("ssm_a"):
        values = -1 - signed / 2
    elif name.endswith("ffn_gate_inp.scale"):
        # Undoes that what a router reads is divided by √hidden: else all experts are as good as equal.
        values = 16 + 8 * signed
    elif "factors" in name or "rope_freqs" in name:
        values = 2 + signed
    elif len(shape) > 1 and "norm" not in name:
        values = signed * np.float32(unit(shape[0]))
    elif "shexp" in name:
        values = signed / 8
    elif name.endswith(".bias"):
        values = signed / 4
    else:
        values = 1 + signed / 2
    values = values.reshape(tuple(reversed(shape))).astype(np.float32)
    if kind == "BF16":
        return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
    return values.astype({"F32": np.float32, "F16": np.float16}[kind])


def write(model, kind_of_run, path, vocabulary=None):
    """`vocabulary`: fields of the tokenizer, as vocabularies.json has them; none without."""
    writer = gguf.GGUFWriter(path, model["architecture"])
    for key, value in model["metadata"].items():
        add_field(writer, f"{model['architecture']}.{key}", value)
    if vocabulary is None:
        writer.add_string("tokenizer.ggml.model", "none")
    else:
        write_vocabulary(writer, vocabulary)
    for index, (name, kind, shape) in enumerate(model["tensors"]):
        if kind == WEIGHT:
            kind = kind_of_run
        data = tensor_data(name, kind, shape, index + 1)
        raw = gguf.GGMLQuantizationType[kind] if kind in LAYOUTS or kind == "BF16" else None
        writer.add_tensor(name, data, raw_dtype=raw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_vocabulary(writer, fields):
    for name, value in fields.items():
        add_field(writer, f"tokenizer.{name}" if name == "chat_template" else f"tokenizer.ggml.{name}", value)


def add_field(writer, key, value):
    """A field of the type that converters give it; none where there is no value."""
    if value is None:
        return
    if isinstance(value, bool):
        writer.add_bool(key, value)
    elif isinstance(value, int):
        writer.add_uint32(key, value)
    elif isinstance(value, float):
        writer.add_float32(key, value)
    elif isinstance(value, str):
        writer.add_string(key, value)
    elif key.endswith("charsmap"):
        writer.add_key_value(key, value, gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.UINT8)
    elif key.endswith("scores"):
        writer.add_key_value(key, value, gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.FLOAT32)
    else:
        writer.add_array(key, value)


def tokens_of(vocabulary):
    return [(i * i * 7 + 3 * i + 1) % vocabulary for i in range(LENGTH)]


@llama_cpp.llama_log_callback
def quiet(level, text, data):
    LOG.append(text.decode(errors="replace"))


LOG = []


def logits_of(path, tokens, context):
    LOG.clear()
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = 0
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise RuntimeError("".join(LOG[-6:]))
    options = llama_cpp.llama_context_default_params()
    options.n_ctx = context
    options.n_batch = options.n_ubatch = 512
    options.type_k = options.type_v = llama_cpp.GGML_TYPE_F32
    options.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    options.n_threads = options.n_threads_batch = 1
    run = llama_cpp.llama_init_from_model(model, options)
    if not run:
        raise RuntimeError("".join(LOG[-6:]))
    batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for i, token in enumerate(tokens):
        batch.token[i] = token
        batch.pos[i] = i
        batch.n_seq_id[i] = 1
        batch.seq_id[i][0] = 0
        batch.logits[i] = i in POSITIONS
    if llama_cpp.llama_decode(run, batch) != 0:
        raise RuntimeError("decode failed")
    size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
    rows = [np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(run, i), (size,)).copy() for i in POSITIONS]
    llama_cpp.llama_batch_free(batch)
    llama_cpp.llama_free(run)
    llama_cpp.llama_model_free(model)
    return np.stack(rows)


def in_child(path, tokens, context):
    """llama.cpp aborts where it cannot run a model: that must not end the others."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, logits_of(path, tokens, context).astype("<f4").tobytes())
            os._exit(0)
        except RuntimeError as error:
            print(str(error).strip().splitlines()[-2:], file=sys.stderr)
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        data = stream.read()
    if os.waitpid(child, 0)[1] != 0:
        raise RuntimeError("llama.cpp does not run it")
    return np.frombuffer(data, "<f4")


def main():
    os.environ["GGML_NO_BACKTRACE"] = "1"
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    wanted = set(sys.argv[1:])
    known = {m["name"]: m for m in json.loads(OUT.read_text())["models"]} if OUT.exists() else {}
    done = []
    for model in MODELS:
        if wanted and model["name"] not in wanted and model["name"] in known:
            done.append(known[model["name"]])
            continue
        logits = {kind: encoded for kind in kinds_of(model) if (encoded := run(model, kind)) is not None}
        done.append({**model, "logits": logits})
    lines = ",\n".join(json.dumps(model, separators=(",", ":")) for model in done)
    head = f'"length":{LENGTH},"positions":{POSITIONS},"few":{FEW_POSITIONS}'
    OUT.write_text(f'{{{head},"models":[\n{lines}\n]}}\n')


def kinds_of(model):
    if "(wide" not in model["name"]:
        return KINDS
    if "expert_count" in model["metadata"]:
        return ["F32", *[kind for kind in BLOCKS if kind.endswith("_K")], "IQ4_XS", "MXFP4"]
    return ["F32", "F16", "BF16", *(LAYOUTS if model["architecture"] == "llama" else BLOCKS)]


def run(model, kind):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        write(model, kind, path)
        try:
            logits = in_child(path, tokens_of(model["metadata"]["vocab_size"]), model["context"])
        except RuntimeError as error:
            print(f"{model['name']}, {kind}: {error}", file=sys.stderr)
            return None
    assert np.isfinite(logits).all(), model["name"]
    print(f"{model['name']}, {kind}: spread {logits.std():.3f}")
    rows = logits.reshape(len(POSITIONS), -1)
    data = rows.astype("<f4") if kind == "F32" else rows[FEW_POSITIONS].astype("<f2")
    return base64.b64encode(data.tobytes()).decode()


if __name__ == "__main__":
    main()
