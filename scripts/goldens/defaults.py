"""Which system prompt and which sampling make the embedded model answer best?

    python scripts/goldens/defaults.py [--threads N] [--long]          (needs: llama-cpp-python)

Asks everyday questions (defaults-questions.json) of llama.cpp on the very file that is shipped, once for each variant,
prints a Markdown table for docs/decisions/0002-default-prompt-and-sampling.md and writes every answer to
defaults-answers.json, so that the patterns can be checked by eye. An answer is correct when the accepted pattern
occurs in its first 200 characters and the rejected one, if there is one, does not (case is ignored): what a reader
takes from an answer is its beginning. It loops when one to eight words come four times in a row.
With --long it asks for a few longer texts instead and prints how often they loop and how many of their groups of four
words are new: greedy decoding of a small model repeats itself where it has to go on for long.
"""

import argparse
import json
import re
from pathlib import Path

from llama_cpp import Llama

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
MODEL = ROOT / "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
MOST_TOKENS = 80
READ_CHARACTERS = 200

OWN = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
BRIEF = "You are a helpful assistant. Answer briefly and correctly."
SENTENCE = "You are a helpful assistant. Answer the question in one short sentence."
CLEAR = "You are a friendly, knowledgeable assistant. Answer clearly in one to three sentences."
SHORT = "You are a helpful assistant. Give short, correct answers."
PLAIN = "You are a helpful assistant."
GREEDY = {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repeat_penalty": 1.0}

VARIANTS = [
    ("the template's own", OWN, {}),
    ("the template's own, temperature 0.2, top-p 0.9", OWN, {"temperature": 0.2, "top_p": 0.9}),
    ("plain", PLAIN, {}),
    ("one to three sentences", CLEAR, {}),
    ("one sentence", SENTENCE, {}),
    ("one sentence, repetition penalty 1.1", SENTENCE, {"repeat_penalty": 1.1}),
    ("short and correct", SHORT, {}),
    ("brief", BRIEF, {}),
    ("brief, repetition penalty 1.05", BRIEF, {"repeat_penalty": 1.05}),
    ("brief, repetition penalty 1.1", BRIEF, {"repeat_penalty": 1.1}),
    ("brief, temperature 0.2, min-p 0.1", BRIEF, {"temperature": 0.2, "min_p": 0.1}),
    ("brief, temperature 0.2, min-p 0.1, repetition penalty 1.1", BRIEF, {"temperature": 0.2, "min_p": 0.1, "repeat_penalty": 1.1}),
]


LONG_REQUESTS = [
    "Tell me a short story about a dragon.",
    "Write a poem about the sea.",
    "Explain how a rainbow forms.",
    "Give me some tips for learning a language.",
    "Describe a day at the beach.",
    "Write a letter to a friend about your holiday.",
]


def ask_long(llama):
    for name, system, changes in VARIANTS:
        if system != BRIEF:
            continue
        loops, new, tokens = 0, [], 0
        for request in LONG_REQUESTS:
            prompt = f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{request}<|im_end|>\n<|im_start|>assistant\n"
            ids = llama.tokenize(prompt.encode(), add_bos=False, special=True)
            result = llama.create_completion(ids, max_tokens=200, seed=1, **{**GREEDY, **changes})
            words = result["choices"][0]["text"].split()
            groups = [tuple(words[i : i + 4]) for i in range(len(words) - 3)]
            new.append(len(set(groups)) / max(1, len(groups)))
            loops += is_loop(" ".join(words))
            tokens += result["usage"]["completion_tokens"]
        print(f"| {name} | {loops} of {len(LONG_REQUESTS)} | {100 * sum(new) / len(new):.0f} % | {tokens / len(LONG_REQUESTS):.0f} |", flush=True)


def is_loop(text):
    return re.search(r"((?:\S+\s+){1,8}?)\1\1\1", text + " ") is not None


def is_correct(item, text):
    start = text[:READ_CHARACTERS]
    if re.search(item["accepted"], start, re.IGNORECASE) is None or is_loop(text):
        return False
    return "rejected" not in item or re.search(item["rejected"], start, re.IGNORECASE) is None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    arguments = parser.parse_args()
    threads = arguments.threads
    questions = json.loads((HERE / "defaults-questions.json").read_text())
    llama = Llama(model_path=str(MODEL), n_ctx=512, n_threads=threads, n_threads_batch=threads, seed=1, verbose=False)
    if arguments.long:
        return ask_long(llama)
    rows, answers = [], {}
    for name, system, changes in VARIANTS:
        sampling = {**GREEDY, **changes}
        correct = tokens = cut = loops = 0
        answers[name] = []
        for item in questions:
            prompt = f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{item['question']}<|im_end|>\n<|im_start|>assistant\n"
            ids = llama.tokenize(prompt.encode(), add_bos=False, special=True)
            result = llama.create_completion(ids, max_tokens=MOST_TOKENS, seed=1, **sampling)
            text = result["choices"][0]["text"].strip()
            good = is_correct(item, text)
            correct += good
            tokens += result["usage"]["completion_tokens"]
            cut += result["choices"][0]["finish_reason"] == "length"
            loops += is_loop(text)
            answers[name].append({"question": item["question"], "answer": text, "correct": good})
        count = len(questions)
        rows.append(f"| {name} | {correct}/{count} ({100 * correct / count:.0f} %) | {tokens / count:.0f} | {cut} | {loops} |")
        print(rows[-1], flush=True)
    (HERE / "defaults-answers.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
