"""Makes conversion.json: tiny random models of the kinds that can be converted to GGUF, and what transformers computes for
them; and tokenizers with what the tokenizers library makes of some texts.

No weights are committed: every value comes from a hash of its place (see `random_bytes`), which the tests compute alike. All
values are exact in bfloat16.

    python scripts/goldens/conversion.py      (needs numpy, torch, transformers, tokenizers, sentencepiece; a minute)
"""

import base64
import json
import math
import tempfile
from pathlib import Path

import numpy as np
import sentencepiece
import torch
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing

HERE = Path(__file__).parent
OUT = HERE / "conversion.json"
LENGTH = 48
POSITIONS = [0, 3, 17, 47]
VOCABULARY = 96
SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
    "rope_theta": 10000.0,
}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128, "rope_theta": 10000.0}
# Each: name, class of the config, settings beyond the sizes, and whether the older form of the rotation's settings is written.
MODELS = [
    ("llama", "Llama", {"rope_parameters": LLAMA3, "tie_word_embeddings": True}, False),
    ("llama-biases", "Llama", {"attention_bias": True, "mlp_bias": True, "head_dim": 32}, True),
    ("mistral", "Mistral", {"sliding_window": 24}, False),
    ("qwen2", "Qwen2", {"rope_parameters": YARN}, True),
    ("qwen3", "Qwen3", {"head_dim": 32, "tie_word_embeddings": True}, False),
    ("gemma", "Gemma", {"head_dim": 32}, False),
    ("gemma2", "Gemma2", {"head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": 24}, False),
    (
        "gemma3",
        "Gemma3Text",
        {"head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": 24, "num_hidden_layers": 6},
        False,
    ),
    ("granite", "Granite", {"embedding_multiplier": 3.0, "residual_multiplier": 0.5, "attention_multiplier": 0.2, "logits_scaling": 2.0}, False),
    ("smollm3", "SmolLM3", {"num_hidden_layers": 4, "use_sliding_window": False}, False),
    ("phi", "Phi", {"num_key_value_heads": 4, "partial_rotary_factor": 0.5}, False),
    (
        "phi3",
        "Phi3",
        {
            "original_max_position_embeddings": 64,
            "rope_parameters": {
                "rope_type": "longrope",
                "rope_theta": 10000.0,
                "short_factor": [1.0 + i / 8 for i in range(8)],
                "long_factor": [2.0 + i / 4 for i in range(8)],
            },
        },
        True,
    ),
    ("olmo2", "Olmo2", {}, False),
    ("stablelm", "StableLm", {"use_qkv_bias": True, "partial_rotary_factor": 0.25}, False),
    ("exaone4", "Exaone4", {"sliding_window": None, "layer_types": ["full_attention"] * 2}, False),
    (
        "lfm2",
        "Lfm2",
        {"num_hidden_layers": 3, "layer_types": ["conv", "full_attention", "conv"], "intermediate_size": 192, "block_multiple_of": 32},
        False,
    ),
    ("ernie4_5", "Ernie4_5", {"head_dim": 16}, False),
]


def random_bytes(seed, count):
    """Byte i of tensor `seed`: a mix of both (the constants are Murmur's and its kin's)."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32((seed * 0x85EBCA6B) & 0xFFFFFFFF)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x2C1B3C6D)
    x ^= x >> np.uint32(12)
    x *= np.uint32(0x297A2D39)
    x ^= x >> np.uint32(15)
    return (x >> np.uint32(24)).astype(np.uint8)


def values_of(name, shape, seed, norm_centre):
    """Shape as torch has it. A matrix near ± unit, a norm near `norm_centre`, a bias near 0."""
    data = random_bytes(seed, math.prod(shape)).astype(np.float32)
    if len(shape) > 1:
        unit = 2.0 ** round(math.log2(1.5 / math.sqrt(shape[-1])))
        values = (data - 128) / 128 * np.float32(unit)
    elif name.endswith("bias"):
        values = (data - 128) / 512
    else:
        values = norm_centre + (np.floor(data / 8) - 16) / 32
    return values.reshape(shape).astype(np.float32)


def fill(model, skip, norm_centre=1):
    tensors = []
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name in skip or "rotary_emb" in name or "position_ids" in name:
                continue
            seed = len(tensors) + 1
            tensor.copy_(torch.from_numpy(values_of(name, list(tensor.shape), seed, norm_centre)))
            tensors.append([name, list(tensor.shape)])
    return tensors


def settings_of(config, older):
    settings = {key: value for key, value in config.to_dict().items() if not key.startswith("_") and value is not None}
    for key in ["transformers_version", "id2label", "label2id", "chunk_size_feed_forward", "return_dict", "dtype"]:
        settings.pop(key, None)
    if older:
        rope = settings.pop("rope_parameters")
        settings["rope_theta"] = rope.pop("rope_theta")
        if rope.get("rope_type", "default") != "default":
            settings["rope_scaling"] = rope
    return settings


def packed(array):
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def decoder(name, kind, extra, older):
    config = getattr(transformers, f"{kind}Config")(**{**SIZES, **extra})
    config._attn_implementation = "eager"
    stem = {"Gemma3Text": "Gemma3"}.get(kind, kind)
    model = getattr(transformers, f"{stem}ForCausalLM")(config).float().eval()
    tied = config.tie_word_embeddings
    tensors = fill(model, {"lm_head.weight"} if tied else set(), 0 if kind.startswith("Gemma") else 1)
    tokens = [(i * i * 7 + 3 * i + 1) % VOCABULARY for i in range(LENGTH)]
    with torch.no_grad():
        logits = model(torch.tensor([tokens])).logits[0].numpy()
    return {"name": name, "config": settings_of(config, older), "tensors": tensors, "logits": packed(logits[POSITIONS])}


def bert():
    config = transformers.BertConfig(
        **{key: value for key, value in SIZES.items() if key != "num_key_value_heads"}, type_vocab_size=2
    )
    config._attn_implementation = "eager"
    model = transformers.BertModel(config, add_pooling_layer=False).float().eval()
    tensors = fill(model, set())
    tokens = [(i * i * 7 + 3 * i + 1) % VOCABULARY for i in range(LENGTH)]
    with torch.no_grad():
        states = model(torch.tensor([tokens])).last_hidden_state[0]
    vector = torch.nn.functional.normalize(states.mean(0), dim=0).numpy()
    return {"config": settings_of(config, False), "tensors": tensors, "vector": packed(vector)}


TEXTS = [
    "Hello, world!",
    "  two spaces, then 12345.678 and 42",
    "The quick brown fox doesn't jump; it'll sleep. I'VE seen it.",
    "Grüße aus München – naïve café, señor",
    "日本語のテキストと中文",
    "emoji 🙂👩‍👩‍👧 and \u200b zero width",
    "tabs\tand\nnewlines\r\n\r\n  indented\n\n\n",
    "camelCaseWords HTTPServer x1y2 snake_case",
    "<|im_start|>user\nHi<|im_end|>",
    "a",
    " ",
    "Ünïcödé ÀÉÎ ß ﬁ ½ ²",
    "price: $1,234.50 (approx.) 100%",
]
CORPUS = [
    (HERE / "evaluation-text.txt").read_text(),
    *TEXTS,
    "user assistant system Hello world the and you doesn't it'll 2024 12345 100% café Grüße",
]

CL = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER, LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
REST = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def camel(ending, digits):
    first = rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]*[{LOWER}]+{ending}"
    second = rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]+[{LOWER}]*{ending}"
    return f"{first}|{second}|{digits}|{REST}"


def byte_level(name, steps, whole_words=False, begin=None):
    tokenizer = Tokenizer(models.BPE(ignore_merges=whole_words))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps) if len(steps) > 1 else steps[0]
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    if begin:
        tokenizer.post_processor = TemplateProcessing(single=f"{begin} $A", special_tokens=[(begin, tokenizer.token_to_id(begin))])
    return entry(name, tokenizer, {"bos_token": "<|im_start|>" if begin is None else begin, "eos_token": "<|im_end|>"})


def split(pattern):
    return pre_tokenizers.Split(Regex(pattern), "isolated")


def plain_bytes():
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def sentence_piece(name, prefix):
    """A real SentencePiece model, converted to tokenizer.json as transformers does it: all merges, by score."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "text.txt").write_text("\n".join(CORPUS))
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/text.txt",
            model_prefix=f"{folder}/m",
            model_type="bpe",
            vocab_size=560,
            byte_fallback=True,
            character_coverage=0.98,
            normalization_rule_name="identity",
            add_dummy_prefix=prefix,
            remove_extra_whitespaces=False,
            split_digits=True,
            minloglevel=2,
        )
        processor = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/m.model")
    size = processor.vocab_size()
    vocabulary = {processor.id_to_piece(i): i for i in range(size)}
    merges = []
    for piece, index in vocabulary.items():
        local = [
            (piece[:at], piece[at:]) for at in range(1, len(piece)) if piece[:at] in vocabulary and piece[at:] in vocabulary
        ]
        merges += [(processor.get_score(index), pair) for pair in sorted(local, key=lambda p: (vocabulary[p[0]], vocabulary[p[1]]))]
    merges = [pair for _, pair in sorted(merges, key=lambda item: -item[0])]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    steps = [normalizers.Prepend("▁")] if prefix else []
    tokenizer.normalizer = normalizers.Sequence([*steps, normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in ["<unk>", "<s>", "</s>"]])
    tokenizer.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return entry(name, tokenizer, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"})


RULES = {"½": "1/2", "²": "2", "ﬁ": "fi", "\t": " ", "\n": " ", "\r": "", "\u200b": " ", "ï": "i", "À": "A"}


def protobuf_field(message, wanted):
    """The bytes of the last field of that number that has a length (source: the encoding page of protobuf.dev)."""
    at, found = 0, b""

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            value |= (message[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if message[at - 1] < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 2:
            size = varint()
            found = message[at : at + size] if tag >> 3 == wanted else found
            at += size
        elif tag & 7 == 0:
            varint()
        else:
            at += 4 if tag & 7 == 5 else 8
    return found


def unigram(name, splits, frame):
    """A real unigram model of SentencePiece with a small map of characters, as transformers converts T5's or XGLM's."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "text.txt").write_text("\n".join(CORPUS))
        points = lambda text: " ".join(f"{ord(letter):X}" for letter in text)
        (Path(folder) / "rules.tsv").write_text("".join(f"{points(a)}\t{points(b)}\n" for a, b in RULES.items()))
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/text.txt",
            model_prefix=f"{folder}/m",
            model_type="unigram",
            vocab_size=300,
            character_coverage=0.98,
            normalization_rule_tsv=f"{folder}/rules.tsv",
            minloglevel=2,
        )
        processor = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/m.model")
        normaliser = protobuf_field((Path(folder) / "m.model").read_bytes(), 3)
    pieces = [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.vocab_size())]
    tokenizer = Tokenizer(models.Unigram(pieces, 0))
    precompiled = normalizers.Precompiled(protobuf_field(normaliser, 2))
    steps = [] if splits else [normalizers.Replace(Regex(" {2,}"), " ")]
    tokenizer.normalizer = normalizers.Sequence([precompiled, *steps]) if steps else precompiled
    metaspace = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), metaspace]) if splits else metaspace
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in ["<unk>", "<s>", "</s>"]])
    tokenizer.post_processor = TemplateProcessing(single=frame, special_tokens=[("</s>", 2)])
    return entry(name, tokenizer, {"eos_token": "</s>", "unk_token": "<unk>"})


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=400, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return entry("word-piece", tokenizer, {"cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"})


def entry(name, tokenizer, settings):
    return {
        "name": name,
        "tokenizer": json.loads(tokenizer.to_str()),
        "settings": settings,
        "ids": [tokenizer.encode(text).ids for text in TEXTS],
    }


def main():
    torch.manual_seed(0)
    tokenizers = [
        byte_level("gpt-2", [pre_tokenizers.ByteLevel(add_prefix_space=False)]),
        byte_level("smollm", [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]),
        byte_level("qwen2", [split(CL.replace("DIGITS", r"\p{N}")), plain_bytes()]),
        byte_level("llama-bpe", [split(CL.replace("DIGITS", r"\p{N}{1,3}")), plain_bytes()], True, "<|endoftext|>"),
        byte_level("dbrx", [split(CL.replace("DIGITS", r"\p{N}{1,3}")), plain_bytes()]),
        byte_level("gpt-4o", [split(camel(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?", r"\p{N}{1,3}")), plain_bytes()]),
        byte_level("tekken", [split(camel("", r"\p{N}")), plain_bytes()], True, "<|endoftext|>"),
        sentence_piece("llama", True),
        sentence_piece("gemma", False),
        word_piece(),
        unigram("unigram", True, "$A </s>"),
        unigram("unigram of a decoder", False, "</s> $A"),
    ]
    goldens = {
        "length": LENGTH,
        "positions": POSITIONS,
        "models": [decoder(*model) for model in MODELS],
        "bert": bert(),
        "texts": TEXTS,
    }
    lines = ",\n".join(json.dumps(item, separators=(",", ":"), ensure_ascii=True) for item in tokenizers)
    head = json.dumps(goldens, separators=(",", ":"))
    OUT.write_text(f'{head[:-1]},"tokenizers":[\n{lines}\n]}}\n')


main()
