"""Makes greedy.json: greedy continuations by llama.cpp, for tests of generation.

Engines round differently, so two of them part where the two best tokens are nearly equal. Each token therefore carries
its margin (difference of the two greatest logits); `safeTokens` counts the tokens before the first margin below 0.3,
about three times what int8 activations move the difference of two logits. Tests compare those and stop.

    python scripts/goldens/greedy.py          (needs numpy, llama-cpp-python)
"""

import json
from pathlib import Path

import numpy as np
from llama_cpp import Llama

HERE = Path(__file__).parent
MODEL = HERE.parent.parent / "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
TOKENS = 48
NEAR_TIE = 0.3
SYSTEM = "You are a helpful assistant. Answer briefly and correctly."


def chat(question):
    return (
        f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
    )


PROMPTS = [
    (chat("What does HTTP stand for?"), "chat, short factual answer"),
    (chat("What is the capital of Japan?"), "chat, ends by itself"),
    (chat("Name three primary colours."), "chat, list"),
    ("Monday, Tuesday, Wednesday,", "plain continuation"),
    ("for (let i = 0; i <", "code continuation"),
    ("1, 2, 3, 4, 5,", "counting"),
]


def main():
    llama = Llama(str(MODEL), n_ctx=512, logits_all=True, verbose=False)
    end = llama.token_eos()
    cases = []
    for prompt, note in PROMPTS:
        ids = llama.tokenize(prompt.encode(), add_bos=False, special=True)
        llama.reset()
        llama.eval(ids)
        produced, margins = [], []
        while len(produced) < TOKENS:
            logits = llama.scores[llama.n_tokens - 1]
            second, first = np.sort(np.partition(logits, -2)[-2:])
            token = int(np.argmax(logits))
            produced.append(token)
            margins.append(round(float(first - second), 3))
            if token == end:
                break
            llama.eval([token])
        safe = next((i for i, margin in enumerate(margins) if margin < NEAR_TIE), len(margins))
        cases.append(
            {
                "prompt": prompt,
                "note": note,
                "promptTokenIds": ids,
                "tokenIds": produced,
                "text": llama.detokenize(produced).decode(errors="replace"),
                "margins": margins,
                "safeTokens": safe,
            }
        )
        print(safe, len(produced), repr(cases[-1]["text"][:70]))
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / "greedy.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
