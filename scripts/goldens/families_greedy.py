"""Makes families-greedy.json: what llama.cpp writes greedily with a tiny model of every architecture, and exact arithmetic's word on it.

The models and block types are those of families.py, without a vocabulary: the text is some of the tokens of architectures.py.
Cases as quantised.py has them, with fewer candidates a token.

    python scripts/goldens/families_greedy.py    (needs numpy, gguf, llama-cpp-python; half a minute)
"""

import ctypes
import json
import os
import tempfile
from pathlib import Path

import llama_cpp
import quantised
from architectures import tokens_of, write
from families import in_child, models
from quantised import Run, case_of, quantise, quiet

OUT = Path(__file__).parent / "families-greedy.json"
PROMPT, TOKENS = 40, 16
quantised.LIKELIEST = 4


def case(model, kind, folder):
    path, same = folder / "model.gguf", folder / "exact.gguf"
    write(model, kind, path)
    quantise(path, same, "ALL_F32")
    # Which of two sets of factors LongRoPE takes depends on it.
    quantised.CONTEXT = model["context"]
    runs = Run(path), Run(same, llama_cpp.GGML_TYPE_F32)
    ids = tokens_of(model["metadata"]["vocab_size"])[:PROMPT]
    return {"name": model["name"], "type": kind, **case_of(runs, ids, TOKENS)}


def main():
    os.environ["GGML_NO_BACKTRACE"] = "1"
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    lines = []
    for model, kind in models():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            out = folder / "case.json"
            if in_child(lambda: out.write_text(json.dumps(case(model, kind, folder), separators=(",", ":")))):
                lines.append(out.read_text())
            else:
                print(model["name"], kind, "does not run in llama.cpp")
    OUT.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
