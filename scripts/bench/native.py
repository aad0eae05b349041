"""llama.cpp itself, as the ceiling: one JSON object a line in, one out. Started by native.mjs.

    {"load": {"model": PATH, "threads": N, "contextLength": N}}
    {"complete": {"prompt": TEXT, "maxTokens": N}}
"""

import json
import sys
import time

import llama_cpp

model = None


def load(options):
    global model
    model = None
    started = time.perf_counter()
    model = llama_cpp.Llama(
        model_path=options["model"],
        n_ctx=options["contextLength"],
        n_threads=options["threads"],
        n_threads_batch=options["threads"],
        n_gpu_layers=0,
        verbose=False,
    )
    return {
        "loadMs": (time.perf_counter() - started) * 1000,
        "threads": options["threads"],
        "description": f"llama.cpp, native, llama-cpp-python {llama_cpp.__version__}",
        "engineBytes": None,
        "metadata": {},
    }


def complete(request):
    tokens = model.tokenize(request["prompt"].encode(), add_bos=False)
    cached = llama_cpp.Llama.longest_token_prefix(model._input_ids.tolist(), tokens[:-1])
    started = time.perf_counter()
    times = []
    for _ in model.generate(tokens, temp=0.0, repeat_penalty=1.0):
        times.append(time.perf_counter())
        if len(times) == request["maxTokens"]:
            break
    first = times[0] - started
    return {
        "promptTokens": len(tokens),
        "cachedTokens": cached,
        "completionTokens": len(times),
        "prefillTokensPerSecond": (len(tokens) - cached) / first,
        "decodeTokensPerSecond": (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0,
        "firstTokenMs": first * 1000,
        "wallMs": (times[-1] - started) * 1000,
    }


print(json.dumps({"version": llama_cpp.__version__}), flush=True)
for line in sys.stdin:
    message = json.loads(line)
    answer = load(message["load"]) if "load" in message else complete(message["complete"])
    print(json.dumps(answer), flush=True)
