"""Writes a file of every architecture with a vocabulary, as converters do, and says what llama.cpp and exact arithmetic write.

The models are those of architecture_models.py, whose random weights come from a hash, with the vocabularies of
vocabularies.json in front of them: byte-level ones with the pre-tokenizers of several families, or SentencePiece ones. Exact
arithmetic is as in quantised.py.

    python scripts/goldens/families.py FOLDER PROMPTS.jsonl TOKENS [NAME …]    (needs numpy, gguf, llama-cpp-python)

Writes the files to FOLDER, and to stdout one JSON object a file: its `name`, `type`, `path`, and for each prompt a case as
quantised.py has them.
"""

import ctypes
import json
import os
import sys
from pathlib import Path

import llama_cpp
from architecture_models import MODELS
from architectures import write
from quantised import Run, case_of, quantise, quiet, with_ends

HERE = Path(__file__).parent
VOCABULARIES = json.loads((HERE / "vocabularies.json").read_text())["vocabularies"]
BYTE_PAIRS = next(fields for fields in VOCABULARIES if fields["model"] == "gpt2")
SENTENCE_PIECE = next(fields for fields in VOCABULARIES if fields["model"] == "llama")
# Those whose files come with a SentencePiece vocabulary; the others are byte-level, split as one of these does it.
WITH_SENTENCE_PIECE = {"llama", "gemma", "gemma2", "gemma3", "phi3", "minicpm", "internlm2", "bitnet", "baichuan", "xverse", "orion"}
SPLITS = ["gpt-2", "llama-bpe", "qwen2", "smollm", "tekken", "gpt-4o", "falcon", "deepseek-llm"]
KINDS = ["Q8_0", "Q4_0", "F16", "Q4_1"]
# Rows of 256 values and more.
WIDE_KINDS = ["Q4_K", "Q6_K", "Q2_K", "Q5_K", "Q3_K", "IQ4_XS", "Q4_K"]


def with_vocabulary(model, size):
    tensors = []
    for name, kind, shape in model["tensors"]:
        if name in ("token_embd.weight", "output.weight", "per_layer_token_embd.weight"):
            shape = [shape[0], size]
        elif name == "output.bias":
            shape = [size]
        tensors.append((name, kind, shape))
    return {**model, "metadata": {**model["metadata"], "vocab_size": size}, "tensors": tensors}


def models():
    """Every model with the type that its weights get."""
    wide = 0
    for index, model in enumerate(MODELS):
        if "(wide" in model["name"]:
            kind, wide = WIDE_KINDS[wide % len(WIDE_KINDS)], wide + 1
        else:
            kind = KINDS[index % len(KINDS)]
        yield model, kind


def files():
    for index, (model, kind) in enumerate(models()):
        if model["architecture"] in WITH_SENTENCE_PIECE:
            vocabulary = SENTENCE_PIECE
        else:
            vocabulary = {**BYTE_PAIRS, "pre": SPLITS[index % len(SPLITS)]}
        yield with_vocabulary(model, len(vocabulary["tokens"])), kind, vocabulary


def cases(path, same, prompts, count):
    quantise(path, same, "ALL_F32")
    runs = Run(path), Run(same, llama_cpp.GGML_TYPE_F32)
    for prompt in prompts:
        ids = runs[0].tokenise(prompt, begins=True)
        yield with_ends(runs[0], case_of(runs, ids, count))


def in_child(work):
    """llama.cpp aborts where it cannot run a model: that must not end the others."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            work()
            sys.stdout.flush()
            os._exit(0)
        except Exception as error:
            print(error, file=sys.stderr)
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def main():
    os.environ["GGML_NO_BACKTRACE"] = "1"
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    folder, count, wanted = Path(sys.argv[1]), int(sys.argv[3]), sys.argv[4:]
    prompts = [json.loads(line)["prompt"] for line in Path(sys.argv[2]).read_text().splitlines()]
    for index, (model, kind, vocabulary) in enumerate(files()):
        if wanted and model["name"] not in wanted:
            continue
        path = folder / f"{index}.gguf"
        write(model, kind, path, vocabulary)
        head = {"name": model["name"], "type": kind, "path": str(path)}

        def work():
            all_cases = list(cases(path, folder / f"{index}-exact.gguf", prompts, count))
            print(json.dumps({**head, "cases": all_cases}))

        if not in_child(work):
            print(json.dumps({**head, "cases": []}), flush=True)
        (folder / f"{index}-exact.gguf").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
