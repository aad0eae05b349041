"""Token ids of many strings under small vocabularies of every kind, by llama.cpp.

    python scripts/goldens/vocabularies.py         (needs: llama-cpp-python, tokenizers, sentencepiece, gguf)

Writes scripts/goldens/vocabularies.json: the vocabularies, trained here on this repository's own evaluation text and the
sentences of tokenizer.py, and what llama.cpp makes of each string under them. For the pre-tokenizers, which share one
vocabulary, only the first 8 hex digits of SHA-256 over the ids (joined by commas) are kept. A vocabulary that the file
already has is taken from there: trainers make another one at every run, which would change all that follows.
"""

import ctypes
import hashlib
import io
import json
import tempfile
from pathlib import Path

import gguf
import llama_cpp
import sentencepiece
from llama_cpp import Llama
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from architectures import add_field
from tokenizer import EMOJI, LONG, SENTENCES, strings

HERE = Path(__file__).parent
OUTPUT = HERE / "vocabularies.json"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6

PRE_TOKENIZERS = [
    "default", "gpt-2", "falcon", "smollm", "qwen2", "qwen35", "llama-bpe", "dbrx", "tekken", "gpt-4o", "deepseek-llm", "deepseek-coder", "deepseek-v3",
    "exaone-moe", "bailingmoe", "seed-coder", "minicpm5", "tiny_aya", "afmoe", "spark2_5", "youtu", "bloom", "viking", "superbpe", "ufakzeka", "laguna",
    "granite-embed-multi-97m", "jais-2",
]
MORE = [
    "<s>hi</s>", "a<unk>b", "<mask> <mask>x", " <mask>", "[MASK] a [MASK]", "[CLS] [SEP] [UNK]", "<0x41>", "▁a▁ b", "\n\n\n\n", "<|end|>  \n hi", "<tool>x</tool>", "<tool", "a    b        c", "\t\t\t x",
    "\u00c5\u1e9b\u0323 \ufb03 \u2460 \uac00\ud55c İstanbul ǅ ﬁ", "mixed 가 한국 ñandú", "１２３ＡＢＣ", "1234567 12 1 12345", "x1234567y", "١٢٣٤٥٦٧", "FÜNF ÄRZTE'S", "HelloWorldFOO barBaz", "ЗДРАВСТВУЙ Мир'S", "नमस्ते'S दुनिया",
]


def corpus():
    text = (HERE / "evaluation-text.txt").read_text(encoding="utf-8")
    return text.splitlines() + list(SENTENCES.values()) * 3 + EMOJI


def byte_level():
    """Merges inside words, then merges of whatever stands side by side: those join only where no split keeps them apart."""
    tokens, merges = [], []
    for use_regex, lines, size in (True, corpus(), 900), (False, corpus() + strings() + MORE, 1300):
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        tokenizer.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, max_token_length=12, show_progress=False))
        model = json.loads(tokenizer.to_str())["model"]
        tokens += [token for token, _ in sorted(model["vocab"].items(), key=lambda item: item[1])]
        merges += [" ".join(pair) for pair in model["merges"]]
    special = [("<|endoftext|>", CONTROL), ("<|im_end|>", CONTROL), ("<tool>", USER_DEFINED), ("    ", USER_DEFINED), ("  ", USER_DEFINED), ("", UNUSED)]
    texts = [text for text, _ in special]
    tokens = [token for token in dict.fromkeys(tokens) if token not in texts]
    merges = [merge for merge in dict.fromkeys(merges) if merge.replace(" ", "") not in texts]
    return {
        "model": "gpt2", "tokens": tokens + [text for text, _ in special], "token_type": [NORMAL] * len(tokens) + [kind for _, kind in special],
        "merges": merges, "bos_token_id": len(tokens), "eos_token_id": len(tokens),
    }


def plain_text():
    """Gemma 4's kind: merges over whole lines, U+2581 for spaces, byte tokens."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.ByteFallback()
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<|turn>", "<turn|>", "<tool>", "\n", "\n\n"] + [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=1500, special_tokens=special, limit_alphabet=300, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = [token for token, _ in sorted(model["vocab"].items(), key=lambda item: item[1])]
    kinds = [CONTROL, CONTROL, CONTROL, UNKNOWN, CONTROL, CONTROL, CONTROL, USER_DEFINED, NORMAL, NORMAL] + [BYTE] * 256
    return {
        "model": "gemma4", "tokens": tokens, "token_type": kinds + [NORMAL] * (len(tokens) - len(kinds)), "scores": [0.0] * len(tokens),
        "merges": [" ".join(pair) for pair in model["merges"]], "bos_token_id": 2, "eos_token_id": 1, "unknown_token_id": 3, "add_space_prefix": False,
    }


def sentence_piece(kind, **options):
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_writer=written, model_type=kind, character_coverage=0.98, minloglevel=2,
        control_symbols=["<|im_end|>", "<|end|>", "<|endoftext|>"], user_defined_symbols=["<tool>", "  ", "    "], **options,
    )
    model = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    tokens, kinds, scores = [], [], []
    for index in range(model.vocab_size()):
        tokens.append(model.id_to_piece(index))
        scores.append(model.get_score(index))
        defined = tokens[-1] in ("<tool>", "  ", "    ", "▁▁", "▁▁▁▁")
        kinds.append(UNKNOWN if model.is_unknown(index) else CONTROL if model.is_control(index) else BYTE if model.is_byte(index) else USER_DEFINED if defined else NORMAL)
    return {"tokens": tokens, "scores": scores, "token_type": kinds}, written.getvalue()


def proto_field(data, wanted):
    """The bytes of a field of a protocol buffer."""
    position = 0

    def varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(data):
        key = varint()
        kind, length = key & 7, 0
        if kind == 0:
            varint()
        else:
            length = varint() if kind == 2 else 8 if kind == 1 else 4
            if key >> 3 == wanted:
                return data[position : position + length]
        position += length
    raise KeyError(wanted)


def unigram():
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        # A few rules of NFKC: full-width letters, ligatures, a composed letter, white space.
        pairs = [(chr(0xFF01 + index), chr(0x21 + index)) for index in range(94)] + [("ﬁ", "fi"), ("ﬃ", "ffi"), ("①", "1"), ("\u3000", " "), ("\u00a0", " "), ("\t", " "), ("\n", " "), ("A\u030a", "Å"), ("\u200b", "")]
        rules.write("".join(f"{' '.join(f'{ord(c):X}' for c in source)}\t{' '.join(f'{ord(c):X}' for c in target)}\n" for source, target in pairs))
        rules.flush()
        fields, proto = sentence_piece("unigram", vocab_size=900, normalization_rule_tsv=rules.name, pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    character_map = proto_field(proto_field(proto, 3), 2)  # ModelProto.normalizer_spec.precompiled_charsmap
    return {"model": "t5", **fields, "precompiled_charsmap": list(character_map), "eos_token_id": 1, "unknown_token_id": 2, "add_space_prefix": True, "remove_extra_whitespaces": True}


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=900, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], limit_alphabet=200, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    # As the converter writes them: the beginning of a word with U+2581, the rest bare.
    tokens = [token if index < 5 else token[2:] if token.startswith("##") else "▁" + token for index, (token, _) in enumerate(vocabulary)]
    return {"model": "bert", "tokens": tokens, "token_type": [CONTROL, UNKNOWN, CONTROL, CONTROL, CONTROL] + [NORMAL] * (len(tokens) - 5), "bos_token_id": 2, "unknown_token_id": 1, "seperator_token_id": 3, "padding_token_id": 0, "mask_token_id": 4}


def sentence_piece_pairs():
    fields, _ = sentence_piece("bpe", vocab_size=1100, byte_fallback=True)
    return {"model": "llama", **fields, "bos_token_id": 1, "eos_token_id": 2, "unknown_token_id": 0}


def plamo():
    """PLaMo's kind: a unigram vocabulary whose texts hold spaces and line breaks as they are."""
    fields, _ = sentence_piece("unigram", vocab_size=1200, byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False)
    named = {"<unk>": "<|plamo:unk|>", "<s>": "<|plamo:bos|>", "</s>": "<|plamo:eos|>"}
    tokens = [named.get(token, token.replace("▁", " ")) for token in fields["tokens"]]
    # llama.cpp finds control tokens in what a person writes where they have a score; without one, as here, it does not.
    scores = [-3000.0 if kind == CONTROL else score for kind, score in zip(fields["token_type"], fields["scores"])]
    return {"model": "plamo2", **fields, "tokens": tokens, "scores": scores, "bos_token_id": 1, "eos_token_id": 2, "unknown_token_id": 0}


def variants(known):
    make = {"gpt2": byte_level, "gemma4": plain_text, "llama": sentence_piece_pairs, "t5": unigram, "bert": word_piece, "plamo2": plamo}
    bpe, plain, llama, t5, bert, plamo2 = (known.get(model) or made() for model, made in make.items())
    yield "byte-pair", bpe, {"pre": "gpt-2"}, "tiny"
    yield "byte-pair that ignores merges", bpe, {"pre": "llama-bpe"}, "tiny"
    yield "byte-pair in plain text", plain, {}, "tiny"
    yield "sentence-piece", llama, {}, "tiny"
    yield "sentence-piece without the space in front", llama, {"add_space_prefix": False, "add_bos_token": False, "add_eos_token": True}, "tiny"
    yield "sentence-piece of Phi-3", llama, {}, "Phi-3 tiny"
    yield "unigram", t5, {}, "tiny"
    yield "unigram that keeps spaces", t5, {"remove_extra_whitespaces": False, "add_space_prefix": False, "precompiled_charsmap": None}, "tiny"
    yield "word-piece", bert, {}, "tiny"
    yield "word-piece with capitals", bert, {"normalizer.lowercase": False}, "tiny"
    yield "unigram read from its end", plamo2, {"add_bos_token": True}, "tiny"


def write_model(path, fields, name):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_string("general.name", name)
    for key, value in fields.items():
        add_field(writer, f"tokenizer.ggml.{key}", value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Llama(model_path=path, vocab_only=True, verbose=False)


def digest(ids):
    return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()[:8]


def token_texts(model):
    vocabulary = llama_cpp.llama_model_get_vocab(model.model)
    buffer = ctypes.create_string_buffer(512)
    lengths = (llama_cpp.llama_token_to_piece(vocabulary, index, buffer, 512, 0, False) for index in range(model.n_vocab()))
    return digest([buffer.raw[:max(length, 0)].hex() for length in lengths])


def main():
    texts = [text for text in dict.fromkeys(strings() + MORE) if text not in LONG and len(text) <= 160]
    known = {fields["model"]: fields for fields in json.loads(OUTPUT.read_text())["vocabularies"]} if OUTPUT.exists() else {}
    vocabularies, golden = [], []
    with tempfile.TemporaryDirectory() as folder:
        for index, (title, fields, changes, name) in enumerate(variants(known)):
            model = write_model(f"{folder}/{index}.gguf", {**fields, **changes}, name)
            vocabulary = llama_cpp.llama_model_get_vocab(model.model)
            if fields not in vocabularies:
                vocabularies.append(fields)
            cases = []
            for text in texts:
                data = text.encode("utf-8")
                plain = model.tokenize(data, add_bos=False, special=False)
                special = model.tokenize(data, add_bos=False, special=True)
                cases.append([plain] if special == plain else [plain, special])
            documents = [model.tokenize(text.encode("utf-8"), add_bos=True, special=False) for text in texts[:5]]
            golden.append({
                "title": title, "vocabulary": vocabularies.index(fields), "changes": changes, "name": name, "cases": cases, "documents": documents,
                "ends": [token for token in range(model.n_vocab()) if llama_cpp.llama_vocab_is_eog(vocabulary, token)],
                "addsBegin": model.tokenize(b"a", add_bos=True)[0] == model.token_bos(), "tokenTexts": token_texts(model),
            })
            print(title, model.n_vocab(), golden[-1]["ends"], cases[0])
        splits = {}
        for pre in PRE_TOKENIZERS:
            model = write_model(f"{folder}/{pre}.gguf", {**vocabularies[0], "pre": pre}, "tiny")
            splits[pre] = "".join(digest(model.tokenize(text.encode("utf-8"), add_bos=False, special=False)) for text in texts)
    content = {"made": f"llama-cpp-python {llama_cpp.__version__}, scripts/goldens/vocabularies.py", "texts": texts, "vocabularies": vocabularies, "variants": golden, "preTokenizers": splits}
    OUTPUT.write_text(json.dumps(content, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(len(texts), "strings,", OUTPUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
