"""Makes e2e/tasks/fixtures: a tiny random-weight model of each family that the ONNX path serves, and what torch says of it.

Each folder is laid out as transformers.js expects it. One word-level tokenizer serves all: what is tested is the path from files to
answer, and every answer is compared with torch.

    python scripts/goldens/tiny-onnx.py        (needs torch, transformers, tokenizers, onnx; a minute)
"""

import inspect
import json
import shutil
import warnings
from pathlib import Path

import torch
import transformers as hf
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

warnings.filterwarnings("ignore")
OUT = Path(__file__).parent.parent.parent / "e2e/tasks/fixtures"
WORDS = "the a cat dog sat on mat good bad movie paris is in france who where city of it was very not great awful".split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = {word: index for index, word in enumerate(SPECIAL + WORDS)}
SIZE = len(VOCABULARY)
TEXT = "the cat sat on the mat"
QUESTION = ("where is paris", "paris is in france")
COMMON = dict(vocab_size=SIZE, max_position_embeddings=64, pad_token_id=0)
LABELS = dict(id2label={0: "NEGATIVE", 1: "NEUTRAL", 2: "POSITIVE"}, label2id={"NEGATIVE": 0, "NEUTRAL": 1, "POSITIVE": 2})


def tokenizer():
    tok = Tokenizer(models.WordLevel(VOCABULARY, unk_token="[UNK]"))
    tok.normalizer = normalizers.Lowercase()
    tok.pre_tokenizer = pre_tokenizers.Whitespace()
    tok.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tok


TOKENIZER = tokenizer()
TOKENIZER.add_special_tokens(SPECIAL)


def write(name, config, model_class, outputs, task, expected):
    torch.manual_seed(7)
    config._attn_implementation = "eager"
    model = model_class(config).eval()
    for parameter in model.parameters():
        parameter.data = torch.randn_like(parameter) * 0.3
    folder = OUT / name
    (folder / "onnx").mkdir(parents=True)
    takes_types = "token_type_ids" in inspect.signature(model.forward).parameters and getattr(config, "type_vocab_size", 0) > 0
    names = ["input_ids", "attention_mask"] + (["token_type_ids"] if takes_types else [])

    class Wrapped(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, *inputs):
            result = self.model(**dict(zip(names, inputs)))
            return tuple(getattr(result, output) for output in outputs)

    ids = torch.tensor([TOKENIZER.encode(TEXT).ids, TOKENIZER.encode(TEXT).ids])
    example = [ids, torch.ones_like(ids), torch.zeros_like(ids)][: len(names)]
    axes = {key: {0: "batch", 1: "length"} for key in names + outputs}
    if outputs == ["logits"] and "Sequence" in model_class.__name__:
        axes["logits"] = {0: "batch"}
    torch.onnx.export(
        Wrapped().eval(), tuple(example), folder / "onnx/model.onnx", input_names=names, output_names=outputs,
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )
    (folder / "config.json").write_text(json.dumps({**config.to_diff_dict(), "architectures": [model_class.__name__]}, indent=1) + "\n")

    def run(*pair):
        encoding = TOKENIZER.encode(*pair)
        inputs = dict(input_ids=[encoding.ids], attention_mask=[encoding.attention_mask], token_type_ids=[encoding.type_ids])
        with torch.no_grad():
            return model(**{key: torch.tensor(inputs[key]) for key in names}), encoding

    return {"name": name, "task": task, **expected(run)}


def vector(run):
    result, _ = run(TEXT)
    mean = torch.nn.functional.normalize(result.last_hidden_state.mean(1), dim=1)[0]
    return {"inputs": [TEXT], "options": {"pooling": "mean", "normalize": True}, "expected": [[round(float(v), 5) for v in mean]]}


def classes(run):
    result, _ = run(TEXT)
    scores = torch.softmax(result.logits[0], 0)
    order = scores.argsort(descending=True)
    names = LABELS["id2label"]
    return {
        "inputs": [TEXT], "options": {"top_k": 3},
        "expected": [{"label": names[int(i)], "score": round(float(scores[i]), 5)} for i in order],
    }


def tokens(run):
    result, encoding = run(TEXT)
    scores = torch.softmax(result.logits[0], 1)
    names = LABELS["id2label"]
    return {
        "inputs": [TEXT], "options": {"ignore_labels": []},
        "expected": [
            {"entity": names[int(scores[i].argmax())], "score": round(float(scores[i].max()), 5), "index": i, "word": word}
            for i, word in enumerate(encoding.tokens) if word not in SPECIAL
        ],
    }


def masked(run):
    result, encoding = run("the cat [MASK] on the mat")
    scores = torch.softmax(result.logits[0, encoding.ids.index(4)], 0)
    best = scores.argsort(descending=True)[:2]
    words = list(VOCABULARY)
    return {
        "inputs": ["the cat [MASK] on the mat"], "options": {"top_k": 2},
        "expected": [{"score": round(float(scores[i]), 5), "token": int(i), "token_str": words[int(i)]} for i in best],
    }


def answer(run):
    result, encoding = run(*QUESTION)
    # As transformers.js: softmax over the context's tokens, the best pair with end >= start.
    context = [i for i, kind in enumerate(encoding.type_ids) if kind == 1 and encoding.tokens[i] != "[SEP]"]
    start = torch.softmax(result.start_logits[0], 0)
    end = torch.softmax(result.end_logits[0], 0)
    best = max(((s, e) for s in context for e in context if e >= s), key=lambda p: float(start[p[0]] * end[p[1]]))
    return {"inputs": list(QUESTION), "options": {}, "expected": {"answer": " ".join(encoding.tokens[best[0]: best[1] + 1])}}


shutil.rmtree(OUT, ignore_errors=True)
bert = dict(**COMMON, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
goldens = [
    write("bert", hf.BertConfig(**bert, **LABELS), hf.BertForSequenceClassification, ["logits"], "text-classification", classes),
    write("minilm", hf.BertConfig(**{**bert, "hidden_size": 24, "num_attention_heads": 12}), hf.BertModel, ["last_hidden_state"], "feature-extraction", vector),
    write("tinybert", hf.BertConfig(**{**bert, "hidden_size": 12, "num_hidden_layers": 4, "intermediate_size": 48}), hf.BertForQuestionAnswering, ["start_logits", "end_logits"], "question-answering", answer),
    write("distilbert", hf.DistilBertConfig(**COMMON, dim=16, n_layers=2, n_heads=2, hidden_dim=32, **LABELS), hf.DistilBertForTokenClassification, ["logits"], "token-classification", tokens),
    write("albert", hf.AlbertConfig(**COMMON, embedding_size=8, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32), hf.AlbertForMaskedLM, ["logits"], "fill-mask", masked),
    write("mobilebert", hf.MobileBertConfig(vocab_size=SIZE, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, embedding_size=16, intra_bottleneck_size=16, true_hidden_size=16, max_position_embeddings=64, pad_token_id=0, num_feedforward_networks=2, **LABELS), hf.MobileBertForSequenceClassification, ["logits"], "text-classification", classes),
]
TOKENIZER.save(str(OUT / "tokenizer.json"), pretty=False)
(OUT / "tokenizer_config.json").write_text(json.dumps({
    "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 64, "pad_token": "[PAD]", "unk_token": "[UNK]",
    "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]",
}, indent=1) + "\n")
(OUT / "expected.json").write_text(json.dumps(goldens, indent=1) + "\n")
print([g["name"] for g in goldens])
