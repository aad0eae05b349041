"""Makes greedy-exact.json: greedy continuations in exact float, for the engine on the GPU (`npm run ask -- --backend webgpu`).

transformers dequantises the file to float32 and computes with torch on the processor: none of our code and none of
llama.cpp's kernels are involved. Each token carries its margin, the difference of the two greatest logits: engines that
add in another order may part where it is nearly nothing, and comparisons stop there.

    python scripts/goldens/greedy_exact.py    (needs torch, transformers, gguf, llama-cpp-python; three minutes)
"""

import json
from pathlib import Path

import torch
from llama_cpp import Llama
from transformers import AutoModelForCausalLM

HERE = Path(__file__).parent
FOLDER = HERE.parent.parent / "models/smollm2-135m-instruct"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
TOKENS = 64
SYSTEM = "You are a helpful assistant. Answer briefly and correctly."

QUESTIONS = [
    "What does HTTP stand for? Explain it in five sentences.",
    "Tell me about the history of bread.",
    "Write a short story about a lighthouse.",
    "How does a bicycle stay upright?",
    "List ten animals and where they live.",
    "Explain what a database index is.",
    "Write a letter to a friend about the first snow.",
    "Why is the sky blue?",
]
TEXTS = [
    "Monday, Tuesday, Wednesday,",
    "for (let i = 0; i <",
    "1, 2, 3, 4, 5,",
    "The capital of France is",
    "Once upon a time there was a small village",
    "def fibonacci(n):\n    ",
    "Ingredients:\n- 200 g flour\n- 3 eggs\n",
    "In the year 1492,",
    "The three laws of thermodynamics are",
    "Dear Sir or Madam,\n\n",
    "<html>\n<head>\n",
    "Water boils at",
    "To be, or not to be,",
    "SELECT name, age FROM",
    "The quick brown fox",
    "Chapter 1\n\nIt was a dark night",
    "Photosynthesis is the process",
    "Q: What is the largest planet?\nA:",
    "{\"name\": \"Ada\", \"born\":",
    "Roses are red,",
    "My favourite book is",
    "A B C D E",
]


def main():
    tokenizer = Llama(str(FOLDER / FILE), vocab_only=True, verbose=False)
    model = AutoModelForCausalLM.from_pretrained(FOLDER, gguf_file=FILE, dtype=torch.float32)
    model.eval()
    cases = []
    for prompt, is_chat in [(text, True) for text in QUESTIONS] + [(text, False) for text in TEXTS]:
        text = f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n"
        ids = tokenizer.tokenize((text if is_chat else prompt).encode(), add_bos=False, special=is_chat)
        produced, margins = greedy(model, ids, tokenizer.token_eos())
        case = {"prompt": prompt, **({"system": SYSTEM} if is_chat else {}), "promptTokenIds": ids}
        cases.append({**case, "tokenIds": produced, "margins": margins})
        print(len(produced), min(margins), repr(tokenizer.detokenize(produced).decode(errors="replace")[:60]))
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / "greedy-exact.json").write_text(f"[\n{lines}\n]\n")


@torch.no_grad()
def greedy(model, ids, end):
    produced, margins, cache, step = [], [], None, ids
    while len(produced) < TOKENS:
        out = model(input_ids=torch.tensor([step]), past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        best = torch.topk(out.logits[0, -1], 2)
        token = int(best.indices[0])
        margins.append(round(float(best.values[0] - best.values[1]), 4))
        produced.append(token)
        if token == end:
            break
        step = [token]
    return produced, margins


if __name__ == "__main__":
    main()
