"""Makes a quantised file of the embedded model and says what llama.cpp and exact arithmetic write after each prompt.

llama.cpp dequantises the embedded file's trained weights to floats and quantises them again to TYPE, as its own tool does.
Exact arithmetic is llama.cpp on the values of that file dequantised to F32, which rounds no activation and keeps keys and
values as F32: it reads the tokens that llama.cpp chose on the quantised file, with its f16 cache, as it comes.

    python scripts/goldens/quantised.py TYPE FOLDER PROMPTS.jsonl TOKENS    (needs numpy, gguf, llama-cpp-python)

Writes FOLDER/TYPE.gguf, and to stdout one JSON object a prompt: `promptTokenIds`, `tokenIds`, and of each token `ids`, the
likeliest of both, with their `quantised` and `exact` logits.
"""

import ctypes
import json
import sys
from pathlib import Path

import gguf
import llama_cpp
import numpy as np

HERE = Path(__file__).parent
EMBEDDED = HERE.parent.parent / "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
CONTEXT = 1024
LIKELIEST = 8
THREADS = 2


@llama_cpp.llama_log_callback
def quiet(level, text, data):
    LOG.append(text.decode(errors="replace"))


LOG = []


def even_importance(source):
    """An importance matrix that holds every column for as important: without one llama.cpp writes no IQ1 or IQ2 file."""
    tensors = [tensor for tensor in gguf.GGUFReader(source).tensors if len(tensor.shape) > 1]
    rows = [(ctypes.c_float * int(tensor.shape[0]))(*[1.0] * int(tensor.shape[0])) for tensor in tensors]
    entries = [llama_cpp.llama_model_imatrix_data(tensor.name.encode(), row, len(row)) for tensor, row in zip(tensors, rows)]
    # A nameless entry ends the list.
    return (llama_cpp.llama_model_imatrix_data * (len(entries) + 1))(*entries)


def quantise(source, target, kind):
    """`kind`: what follows LLAMA_FTYPE_ in llama.h."""
    params = llama_cpp.llama_model_quantize_default_params()
    if kind.startswith(("MOSTLY_IQ1", "MOSTLY_IQ2")):
        params.imatrix = even_importance(source)
    params.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_{kind}")
    params.nthread = THREADS
    params.allow_requantize = True
    if llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(params)) != 0:
        raise RuntimeError("".join(LOG[-6:]))


class Run:
    """A file in llama.cpp; `cache`: the type of its keys and values, None for llama.cpp's own choice."""

    def __init__(self, path, cache=None):
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = 0
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
        if not self.model:
            raise RuntimeError("".join(LOG[-6:]))
        options = llama_cpp.llama_context_default_params()
        options.n_ctx = options.n_batch = options.n_ubatch = CONTEXT
        options.n_threads = options.n_threads_batch = THREADS
        if cache is not None:
            options.type_k = options.type_v = cache
            options.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self.context = llama_cpp.llama_init_from_model(self.model, options)
        if not self.context:
            raise RuntimeError("".join(LOG[-6:]))
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.model)
        self.size = llama_cpp.llama_vocab_n_tokens(self.vocabulary)

    def tokenise(self, text, begins=False):
        """`begins`: with what the vocabulary puts in front of a text."""
        data = text.encode()
        room = len(data) + 8
        tokens = (llama_cpp.llama_token * room)()
        return list(tokens[: llama_cpp.llama_tokenize(self.vocabulary, data, len(data), tokens, room, begins, True)])

    def ends(self, token):
        return llama_cpp.llama_vocab_is_eog(self.vocabulary, token)

    def forget(self):
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)

    def read(self, tokens, position, count=1):
        """Logits of the last `count` of the tokens."""
        batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = position + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = 0
            batch.logits[i] = i >= len(tokens) - count
        if llama_cpp.llama_decode(self.context, batch) != 0:
            raise RuntimeError("decode failed")
        places = range(len(tokens) - count, len(tokens))
        rows = [np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(self.context, i), (self.size,)).copy() for i in places]
        llama_cpp.llama_batch_free(batch)
        return rows

    def close(self):
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)


def greedy(run, ids, count):
    run.forget()
    tokens, rows, step, position = [], [], ids, 0
    while len(tokens) < count:
        row = run.read(step, position)[0]
        position += len(step)
        tokens.append(int(row.argmax()))
        rows.append(row)
        if run.ends(tokens[-1]):
            break
        step = tokens[-1:]
    return tokens, rows


def compare(quantised, exact):
    likeliest = [np.argpartition(-row, LIKELIEST)[:LIKELIEST] for row in (quantised, exact)]
    ids = np.unique(np.concatenate(likeliest))
    values = lambda row: [round(float(value), 5) for value in row[ids]]
    return {"ids": ids.tolist(), "quantised": values(quantised), "exact": values(exact)}


def case_of(runs, ids, count):
    """What llama.cpp writes after the tokens `ids`, and the candidates of each place. `runs`: the file, and the same weights exact."""
    tokens, rows = greedy(runs[0], ids, count)
    runs[1].forget()
    exact = runs[1].read(ids + tokens[:-1], 0, len(tokens))
    places = [compare(row, other) for row, other in zip(rows, exact)]
    return {"promptTokenIds": ids, "tokenIds": tokens, "places": places}


def with_ends(run, case):
    """The case with those of its candidates that would end the text."""
    return {**case, "endTokenIds": sorted({id for place in case["places"] for id in place["ids"] if run.ends(id)})}


def main():
    kind, folder, prompts, count = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    floats, file, same = folder / "floats.gguf", folder / f"{kind}.gguf", folder / "exact.gguf"
    if not floats.exists():
        quantise(EMBEDDED, floats, "ALL_F32")
    quantise(floats, file, "ALL_F32" if kind == "F32" else f"MOSTLY_{kind}")
    quantise(file, same, "ALL_F32")
    runs = Run(file), Run(same, llama_cpp.GGML_TYPE_F32)
    for line in prompts.read_text().splitlines():
        prompt = json.loads(line)["prompt"]
        text = f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n"
        ids = runs[0].tokenise(text)
        print(json.dumps(with_ends(runs[0], case_of(runs, ids, count))), flush=True)
    for run in runs:
        run.close()
    same.unlink()


if __name__ == "__main__":
    main()
