"""Token ids of many strings, from two outside oracles: llama.cpp and the `tokenizers` package.

    python scripts/goldens/tokenizer.py            (needs: llama-cpp-python, tokenizers, gguf, numpy)

Writes scripts/goldens/tokenizer.json. llama.cpp is the truth; where the `tokenizers` package, given the same
vocabulary and split pattern, says something else, the case is listed under "packageDiffers".
The other pre-tokenizers are checked on the same vocabulary: llama.cpp is given a copy of the file's header that
names another pre-tokenizer.
"""

import json
import random
import tempfile
from pathlib import Path

import gguf
import llama_cpp
from llama_cpp import Llama
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
OUTPUT = Path(__file__).with_name("tokenizer.json")
PRE_TOKENIZERS = ["default", "gpt-2", "qwen2", "llama-bpe"]
# Split patterns as the models' own tokenizer.json files publish them (gpt2, Qwen2, Llama-3). Not tekken's and gpt-4o's: llama.cpp
# reads those without marks and knows capitals of ASCII only; what it does is in vocabularies.json.
CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
GPT2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
TAIL = r"\s*[\r\n]+|\s+(?!\S)|\s+"
SPLITS = {
    "gpt-2": [GPT2_PATTERN],
    "smollm": [r"\p{N}", GPT2_PATTERN],
    "qwen2": [CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + TAIL],
    "llama-bpe": [CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + TAIL],
}


def header_copy(reader, path, pre):
    """A GGUF file with the metadata of the model, no tensors, and another pre-tokenizer name."""
    writer = gguf.GGUFWriter(path, "llama")
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        value = pre if field.name == "tokenizer.ggml.pre" else field.contents()
        kind = field.types[0]
        sub = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, value, kind, sub)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


SENTENCES = {
    "latin": "The quick brown fox jumps over the lazy dog, isn't it? We'll see; they've gone. I'M SURE IT'S FINE.",
    "german": "Fünf Straßenbahnen überqueren gemächlich die Brücke am Süßwassersee.",
    "french": "L'été dernier, nous avons mangé des crêpes à côté du château — délicieuses, n'est-ce pas ?",
    "spanish": "¿Dónde está el baño? ¡Mañana será otro día, señor Núñez!",
    "polish": "Zażółć gęślą jaźń, powiedział łoś w Łodzi.",
    "turkish": "İstanbul'da ılık bir gün; şehir ışıl ışıl görünüyor.",
    "vietnamese": "Tiếng Việt có rất nhiều dấu thanh và nguyên âm đẹp.",
    "greek": "Η γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.",
    "russian": "Съешь ещё этих мягких французских булок, да выпей чаю.",
    "ukrainian": "Чуєш їх, доцю, га? Кумедна ж ти, прощайся без ґольфів!",
    "hebrew": "דג סקרן שט בים מאוכזב ולפתע מצא לו חברה",
    "arabic": "اللغة العربية جميلة، وفيها ٢٨ حرفاً. هل تتكلم بها؟",
    "persian": "می‌خواهم به خانه بروم؛ شماره ۴۵۶ است.",
    "urdu": "یہ اردو کا ایک سادہ جملہ ہے۔",
    "hindi": "नमस्ते दुनिया, यह हिन्दी में एक वाक्य है। संख्या १२३",
    "bengali": "আমার সোনার বাংলা, আমি তোমায় ভালোবাসি। ৪৫৬",
    "tamil": "வணக்கம் உலகம், இது தமிழ் மொழி.",
    "telugu": "తెలుగు భాష చాలా అందమైనది.",
    "kannada": "ಕನ್ನಡ ಭಾಷೆ ಸುಂದರವಾಗಿದೆ.",
    "malayalam": "മലയാളം ഒരു ദ്രാവിഡ ഭാഷയാണ്.",
    "sinhala": "සිංහල භාෂාව ලස්සනයි.",
    "thai": "ภาษาไทยไม่มีการเว้นวรรคระหว่างคำ ๑๒๓",
    "lao": "ພາສາລາວເປັນພາສາທີ່ສວຍງາມ",
    "khmer": "ភាសាខ្មែរមានអក្សរច្រើន",
    "burmese": "မြန်မာဘာသာစကားသည် လှပသည်။",
    "tibetan": "བོད་ཀྱི་སྐད་ཡིག་ནི་མཛེས་པ་རེད།",
    "georgian": "ქართული ენა ძალიან ძველია.",
    "armenian": "Հայերենը հին լեզու է։",
    "amharic": "አማርኛ የኢትዮጵያ ቋንቋ ነው።",
    "chinese": "你好，世界！今天天气很好，我们去公园散步吧。二〇二四年",
    "traditional": "繁體中文與簡體中文有許多不同之處。",
    "japanese": "こんにちは世界。カタカナとひらがな、漢字を混ぜて書きます。１２３",
    "korean": "안녕하세요 세계! 한국어는 재미있어요. 조합형: 한글",
    "mongolian": "ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ",
    "cherokee": "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ",
    "inuktitut": "ᐃᓄᒃᑎᑐᑦ",
    "runes": "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ",
    "gothic": "𐌲𐌿𐍄𐌰𐌽𐍂𐌰𐌶𐌳𐌰",
    "cuneiform": "𒀀𒀁𒀂 𒁹",
    "math": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, ∑ᵢ xᵢ² ≤ ∞ ½ ⅔ Ⅷ ² ₃ ①②",
    "ipa": "ˈaɪ piː ˈeɪ ðə ɪntəˈnæʃənəl",
}
EMOJI = [
    "😀", "😀😃😄", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷🇯🇵", "1️⃣2️⃣", "❤️‍🔥", "🧑🏿‍🚀 to the 🌕!", "☺︎ ☺️", "👨‍💻 codes", "🫠🫡🫶",
    "a😀b", " 😀 ", "😀\n😀", "🤷🏻‍♀️🤷🏾‍♂️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "©®™", "♠♥♦♣",
]
CODE = [
    "def f(x):\n    return x ** 2\n\n\nprint(f(10))\n", "for (let i = 0; i < n; i++) {\n\ta[i] += b[i];\n}", "SELECT * FROM t WHERE id=42 AND name LIKE '%x%';",
    "#include <stdio.h>\r\nint main(void) {\r\n  return 0;\r\n}\r\n", "const re = /^\\s*(\\w+)\\s*=\\s*\"([^\"]*)\"$/gm;", "<div class=\"a b\">&nbsp;</div>",
    "{\"key\": [1, 2.5, null, true], \"nested\": {\"a\": \"b\"}}", "git commit -m 'fix: it''s done' && echo $?", "x = y if z else w  # comment", "fn main() { println!(\"{:?}\", vec![1u8, 2]); }",
    "a->b.c::d[e](f)<g>", "0xDEADBEEF 1e-10 3.14159 1_000_000", "\\frac{1}{2} \\sum_{i=0}^{n}", "https://example.com/path?q=1&r=2#frag", "user.name+tag@example.co.uk", "C:\\Users\\name\\file.txt",
    "```python\nprint('hi')\n```", "| a | b |\n|---|---|\n| 1 | 2 |", "- item\n  - nested\n    1. deep", "====", "----- >>>> <<<< !!!! ????", "->=>==>!==",
]
WHITESPACE = [
    "", " ", "  ", "   ", "\t", "\t\t", "\n", "\n\n", "\n\n\n", "\r\n", "\r\n\r\n", "\r", " \n", "\n ", " \n ", "\t\n\t", "a b", "a  b", "a   b", "a    b", " a", "  a", "   a", "a ", "a  ", "a   ",
    "a\nb", "a\n\nb", "a \n b", "a\n b", "a \nb", "\na", "a\n", " \t a\t ", "a\tb", "a\t\tb", "a\r\nb", "a\u00a0b", "\u00a0a", "a \u00a0 b", "\u2003em\u2003space", "\u3000全角\u3000", "a\u200bb",
    "a\u2028b\u2029c", "a\u0085b", "\ufeffbom", "a\ufeffb", "\u180ea", "\u1680x", "\u205fx", "\x0b\x0c", "x\x0by", "a\x1cb\x1fc", " " * 15, " " * 16, " " * 17, " " * 63, " " * 64, " " * 100,
    "\n" * 20, "\t" * 20, " \n" * 10, "x" + " " * 30 + "y", "  \n\n  \n text", "...   ...", "1 2  3   4",
]
DIGITS = [
    "0", "7", "10", "123", "1234", "12345", "1234567890", "3.14", "1,000,000", "2024-01-31", "12:30:45", "+49 151 2345678", "a1b2c3", "v1.2.3-rc4", "x2", "2x", " 42", "  42", "42 ", "4 2",
    "①②③", "½¾", "Ⅳ", "٠١٢٣٤٥٦٧٨٩", "०१२३", "๑๒๓", "１２３", "2²", "H₂O", "10³", "〇一二", "𝟏𝟐𝟑", "1e5", "0.1+0.2", "$5.00", "50%", "№5", "§12",
]
MARKS = [
    "e\u0301", "\u0301", "a\u0300\u0301\u0302", "n\u0303o", "Z\u0351\u036b\u0343a\u0363lgo", "क\u094d\u0937", "\u0e01\u0e33", "\u200d", "\u200c", "a\u200db", "\u202eabc\u202c", "\u2066x\u2069",
    "ﬁ ﬂ", "Å Å Å", "가 가", "ß ẞ", "ǅ", "ʰʷ", "\U000e0041\U000e0042", "\ue000\uf8ff", "\U000f0000", "\ufffd", "\ufffe\uffff".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "\x00", "a\x00b", "\x01\x02\x7f", "\x80\x9f", "\xad", "\U0001f1e6", "\u20dd", "a\u20de",
]
CONTRACTIONS = [
    "it's", "IT'S", "it’s", "don't", "DON'T", "they're we've I'd I'll I'm", "'s 't 're", "''s", "rock'n'roll", "'tis", "o'clock", "'S 'T 'RE 'VE 'M 'LL 'D", "x'd'll", "'", "''", "'''", "\"'\"", "we'Re", "l'eau d'or",
]
SPECIAL = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_start|>user\nhi<|im_end|>", "say <|im_end|> now", "a<|im_end|>b", "<|im_end", "im_end|>", "<|im_end|", "<|im_<|im_end|>end|>", "<repo_name>x", "<file_sep>",
    "<|im_end|><|im_end|>", " <|im_end|> ", "\n<|im_start|>\n", "<|IM_END|>", "< |im_end|>", "<|im_end|>\u0301", "日本<|im_end|>語", "<jupyter_code>print(1)<jupyter_output>1", "<empty_output>", "<issue_start>title<issue_comment>x<issue_closed>",
    "<s></s>", "[INST] x [/INST]", "<bos><eos>", "<|user|>", "<unk>", "<pad>", "<0x0A>", "Ġhello", "Ċ", "ĠĠĠ", "Ã©",
]
LONG = [
    "a" * 500, "ab" * 400, "abcde" * 300, "Donaudampfschifffahrtsgesellschaftskapitän" * 8, "pneumonoultramicroscopicsilicovolcanoconiosis" * 5, "аб" * 300, "漢字" * 200, "-" * 700, "=" * 333, "ha" * 333, "😀" * 100, "1" * 300,
    "A" * 257 + "b" * 257, "the" * 400, "\u0301" * 50, "x" * 3000, "lorem" * 700,
]


def random_strings(count):
    generator = random.Random(20240607)
    ranges = [(32, 126), (160, 591), (880, 1327), (1424, 1791), (2304, 2431), (3584, 3711), (0x3040, 0x30FF), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0x1F300, 0x1F64F), (0x2000, 0x206F), (0x2190, 0x22FF), (9, 13)]
    words = " ".join(SENTENCES.values()).split(" ")
    for index in range(count):
        if index % 3 == 0:
            yield "".join(chr(generator.randint(*generator.choice(ranges))) for _ in range(generator.randint(1, 40)))
        elif index % 3 == 1:
            yield "".join(generator.choice(words) + generator.choice([" ", " ", "  ", "\n", "", ", ", "7", "'s ", "—"]) for _ in range(generator.randint(2, 14)))
        else:
            yield "".join(generator.choice(" \n\t'sdtlvrema019.,!<>|_😀é") for _ in range(generator.randint(1, 60)))


def strings():
    texts = []
    for sentence in SENTENCES.values():
        texts += [sentence, " " + sentence, sentence.upper(), sentence.replace(" ", "\n"), sentence[: len(sentence) // 2]]
    texts += EMOJI + CODE + WHITESPACE + DIGITS + MARKS + CONTRACTIONS + SPECIAL + LONG + list(random_strings(150))
    return list(dict.fromkeys(texts))


def package_tokenizer(reader):
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(merge.split(" ")) for merge in reader.fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(models.BPE(vocab={token: index for index, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"\p{N}"), "isolated"),
        pre_tokenizers.Split(Regex(GPT2_PATTERN), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    return tokenizer


def main():
    reader = gguf.GGUFReader(MODEL)
    package = package_tokenizer(reader)
    texts = strings()
    llama = Llama(model_path=str(MODEL), vocab_only=True, verbose=False)
    vocabulary = llama_cpp.llama_model_get_vocab(llama.model)
    ends = [i for i in range(llama.n_vocab()) if llama_cpp.llama_vocab_is_eog(vocabulary, i)]

    cases, differs = [], []
    for text in texts:
        data = text.encode("utf-8")
        plain = llama.tokenize(data, add_bos=False, special=False)
        special = llama.tokenize(data, add_bos=False, special=True)
        case = {"text": text, "ids": plain}
        if special != plain:
            case["idsWithControlTokens"] = special
        cases.append(case)
        if package.encode(text, add_special_tokens=False).ids != plain:
            differs.append(text)

    others = {}
    with tempfile.TemporaryDirectory() as folder:
        for pre in PRE_TOKENIZERS:
            path = f"{folder}/{pre}.gguf"
            header_copy(reader, path, pre)
            other = Llama(model_path=path, vocab_only=True, verbose=False)
            # Only what differs from smollm is kept.
            changed = {}
            for index, case in enumerate(cases):
                ids = other.tokenize(case["text"].encode("utf-8"), add_bos=False, special=False)
                if ids != case["ids"] and len(ids) <= 250:
                    changed[str(index)] = ids
            others[pre] = changed

    # The splits themselves, as lengths in code points, by the package's regex engine.
    splits = {}
    for name, patterns in SPLITS.items():
        splitter = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns])
        splits[name] = [[len(word) for word, _ in splitter.pre_tokenize_str(text)] if len(text) <= 120 else None for text in texts]

    golden = {
        "made": f"llama-cpp-python {llama_cpp.__version__}, tokenizers package, scripts/goldens/tokenizer.py",
        "endTokenIds": ends,
        "addBos": bool(llama_cpp.llama_vocab_get_add_bos(vocabulary)),
        "packageDiffers": differs,
        "cases": cases,
        "otherPreTokenizers": others,
        "splits": splits,
    }
    OUTPUT.write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(f"{len(cases)} strings, {len(differs)} differ between the oracles, {OUTPUT.stat().st_size} bytes; ends {ends}")
    for name, changed in others.items():
        print(name, len(changed), "differ from smollm")


if __name__ == "__main__":
    main()
