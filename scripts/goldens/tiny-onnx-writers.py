"""Adds to e2e/tasks/fixtures the models that write: seq2seq (T5, BART, Marian) and decoders (Llama, OPT), tiny and with random
weights, as they are published for transformers.js: an encoder and a decoder whose two forms, with and without a cache, are the
branches of one If; decoders with their cache as inputs and outputs, one with its weights in a file of its own. writers.json holds the greedy tokens that torch gives,
computed without any cache.

    python scripts/goldens/tiny-onnx-writers.py        (needs torch, transformers, tokenizers, onnx; a minute)
"""

import json
import shutil
import warnings
from pathlib import Path

import onnx
import torch
import transformers as hf
from onnx import TensorProto, helper
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

warnings.filterwarnings("ignore")
OUT = Path(__file__).parent.parent.parent / "e2e/tasks/fixtures"
SPECIAL = ["<pad>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>"]
PAD, END, TURN_END = 0, 1, 4
# All that can be written is letters, so that every token shows in the text.
TEXTS = ["the cat sat on the mat and the dog ran to the river", "where is paris? paris is a city in france",
         "summarize: it was a very good film, and the end was not bad", 'say "yes" or "no"', "user\n", "assistant\n", "system\n"]
PROMPTS = ["the cat sat on the mat", "where is paris? paris is a city"]
TEMPLATE = ("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
            "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
NEW_TOKENS = 12


def tokenizer():
    tok = Tokenizer(models.BPE(unk_token="<unk>"))
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    tok.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=120, special_tokens=SPECIAL, show_progress=False))
    return tok


TOKENIZER = tokenizer()
SIZE = TOKENIZER.get_vocab_size()


def randomise(model, seed, scale):
    torch.manual_seed(seed)
    for name, parameter in model.named_parameters():
        # A norm with random gains lets one token drown all others.
        gain = 1.0 if "norm" in name and name.endswith("weight") else 0.0
        # With tied embeddings the last token would be the likeliest next one whatever the layers say; large biases say the same
        # thing everywhere.
        share = 0.1 if name.endswith("bias") else 0.15 if "embed_tokens" in name or "shared" in name else 1
        parameter.data = gain + torch.randn_like(parameter) * scale * share
    return model.eval()


def folder_of(name, config, kind, template=None):
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "onnx").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({**config.to_diff_dict(), "architectures": [kind]}, indent=1) + "\n")
    TOKENIZER.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 128, "pad_token": "<pad>", "unk_token": "<unk>",
        "eos_token": "<|im_end|>" if template else "</s>", **({"chat_template": template} if template else {}),
    }, indent=1) + "\n")
    return folder


def export(module, example, path, inputs, outputs, axes):
    torch.onnx.export(module.eval(), example, path, input_names=inputs, output_names=outputs, dynamic_axes=axes,
                      opset_version=17, dynamo=False)


def causal_mask(length, past, dtype=torch.float32):
    rows = torch.arange(past, past + length)[:, None]
    columns = torch.arange(past + length)[None, :]
    return torch.where(columns <= rows, 0.0, torch.finfo(dtype).min)[None, None]


def pairs(flat):
    return [(flat[i], flat[i + 1]) for i in range(0, len(flat), 2)]


def flatten(cache):
    return tuple(part for layer in cache.layers for part in (layer.keys, layer.values))


class CachedDecoder(torch.nn.Module):
    """Tokens and cache in, logits and cache out."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, position_ids, *past):
        cache = DynamicCache(pairs(past))
        mask = causal_mask(input_ids.shape[1], past[0].shape[2])
        hidden = (1.0 - attention_mask.float())[:, None, None, :] * torch.finfo(torch.float32).min
        result = self.model(input_ids=input_ids, attention_mask=mask + hidden, position_ids=position_ids, past_key_values=cache, use_cache=True)
        return result.logits, *flatten(result.past_key_values)


class Seq2SeqDecoder(torch.nn.Module):
    """The decoder's half of an encoder-decoder; `past` holds its own cache, then that of the encoder's text."""

    def __init__(self, model, has_past):
        super().__init__()
        self.model, self.has_past = model, has_past

    def forward(self, encoder_attention_mask, input_ids, encoder_hidden_states, *past):
        own = past[: len(past) // 2]
        cache = EncoderDecoderCache(DynamicCache(pairs(own)), DynamicCache(pairs(past[len(past) // 2:]))) if self.has_past else EncoderDecoderCache(DynamicCache(), DynamicCache())
        mask = causal_mask(input_ids.shape[1], own[0].shape[2] if self.has_past else 0)
        result = self.model(
            encoder_outputs=(encoder_hidden_states,), attention_mask=encoder_attention_mask, decoder_input_ids=input_ids,
            decoder_attention_mask=mask.expand(input_ids.shape[0], -1, -1, -1), past_key_values=cache, use_cache=True,
        )
        made = result.past_key_values
        return result.logits, *flatten(made.self_attention_cache), *flatten(made.cross_attention_cache)


class Encoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.encoder = model.get_encoder()

    def forward(self, input_ids, attention_mask):
        return self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def merge(without, with_past, path):
    """One graph of two, as published ones are: the branches of an If on `use_cache_branch`."""
    branches = []
    for model, tag in ((without, "first"), (with_past, "then")):
        given, result = {i.name for i in model.graph.input}, {o.name for o in model.graph.output}
        rename = lambda name: name if name == "" or name in given else f"{tag}/{name}"
        for node in model.graph.node:
            node.input[:] = [rename(name) for name in node.input]
            node.output[:] = [rename(name) for name in node.output]
            node.name = f"{tag}/{node.name}"
        for tensor in model.graph.initializer:
            tensor.name = rename(tensor.name)
        # A branch may not give back what it was given.
        nodes, outputs = list(model.graph.node), []
        for output in model.graph.output:
            source = output.name if output.name in given else f"{tag}/{output.name}"
            nodes.append(helper.make_node("Identity", [source], [f"{tag}/out/{output.name}"]))
            outputs.append(helper.make_value_info(f"{tag}/out/{output.name}", output.type))
        branches.append(helper.make_graph(nodes, tag, [], outputs, list(model.graph.initializer)))
        order = [o.name for o in model.graph.output]
    choice = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])
    node = helper.make_node("If", ["use_cache_branch"], order, then_branch=branches[1], else_branch=branches[0])
    graph = helper.make_graph([node], "merged", [*with_past.graph.input, choice], list(with_past.graph.output))
    merged = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(merged)
    onnx.save(merged, path)


def seq2seq(name, config, model_class, task, scale, seed=11):
    config._attn_implementation = "eager"
    model = randomise(model_class(config), seed, scale)
    folder = folder_of(name, config, model_class.__name__)
    layers = config.decoder_layers if hasattr(config, "decoder_layers") else config.num_decoder_layers
    heads = config.decoder_attention_heads if hasattr(config, "decoder_attention_heads") else config.num_heads
    ids = torch.tensor([TOKENIZER.encode(PROMPTS[0]).ids] * 2)
    mask = torch.ones_like(ids)
    axes = {"input_ids": {0: "batch_size", 1: "encoder_sequence_length"}, "attention_mask": {0: "batch_size", 1: "encoder_sequence_length"},
            "last_hidden_state": {0: "batch_size", 1: "encoder_sequence_length"}}
    export(Encoder(model), (ids, mask), folder / "onnx/encoder_model.onnx", ["input_ids", "attention_mask"], ["last_hidden_state"], axes)

    names = [f"{i}.{side}.{part}" for side in ("decoder", "encoder") for i in range(layers) for part in ("key", "value")]
    present = [f"present.{n}" for n in names]
    past = [f"past_key_values.{n}" for n in names]
    given = ["encoder_attention_mask", "input_ids", "encoder_hidden_states"]
    length = lambda n, p: {0: "batch_size", 2: "encoder_sequence_length_out" if ".encoder." in n else f"{p}_decoder_sequence_length"}
    axes = {"encoder_attention_mask": {0: "batch_size", 1: "encoder_sequence_length"}, "input_ids": {0: "batch_size", 1: "decoder_sequence_length"},
            "encoder_hidden_states": {0: "batch_size", 1: "encoder_sequence_length"}, "logits": {0: "batch_size", 1: "decoder_sequence_length"},
            **{n: length(n, "past") for n in past}, **{n: length(n, "present") for n in present}}
    with torch.no_grad():
        states = model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
        first = Seq2SeqDecoder(model, False)
        cache = first(mask, ids[:, :3], states)[1:]
    parts = []
    for module, inputs, example in ((first, given, (mask, ids[:, :3], states)), (Seq2SeqDecoder(model, True), given + past, (mask, ids[:, :2], states, *cache))):
        path = folder / "onnx/part.onnx"
        export(module, example, path, inputs, ["logits", *present], {k: v for k, v in axes.items() if k in inputs + ["logits", *present]})
        parts.append(onnx.load(path))
        path.unlink()
    merge(*parts, folder / "onnx/decoder_model_merged.onnx")

    def greedy(prompt):
        source = torch.tensor([TOKENIZER.encode(prompt).ids])
        written = [config.decoder_start_token_id]
        with torch.no_grad():
            while len(written) <= NEW_TOKENS:
                logits = model(input_ids=source, decoder_input_ids=torch.tensor([written]), use_cache=False).logits[0, -1]
                written.append(int(logits.argmax()))
                if written[-1] == END:
                    break
        return TOKENIZER.decode(written, skip_special_tokens=True)

    key = {"summarization": "summary_text", "translation": "translation_text"}.get(task, "generated_text")
    return {"name": name, "task": task, "inputs": [PROMPTS[0]], "options": {"max_new_tokens": NEW_TOKENS}, "expected": [{key: greedy(PROMPTS[0])}]}


def decoder(name, config, model_class, heads, head_size, weights_outside=False):
    config._attn_implementation = "eager"
    model = randomise(model_class(config), 13, 0.25)
    folder = folder_of(name, config, model_class.__name__, TEMPLATE)
    names = [f"{i}.{part}" for i in range(config.num_hidden_layers) for part in ("key", "value")]
    past, present = [f"past_key_values.{n}" for n in names], [f"present.{n}" for n in names]
    ids = torch.tensor([TOKENIZER.encode(PROMPTS[0]).ids[:4]] * 2)
    cache = [torch.randn(2, heads, 3, head_size) for _ in past]
    mask = torch.ones(2, 7, dtype=torch.int64)
    positions = torch.arange(3, 7)[None].expand(2, -1)
    axes = {"input_ids": {0: "batch_size", 1: "sequence_length"}, "position_ids": {0: "batch_size", 1: "sequence_length"},
            "attention_mask": {0: "batch_size", 1: "total_sequence_length"}, "logits": {0: "batch_size", 1: "sequence_length"},
            **{n: {0: "batch_size", 2: "past_sequence_length"} for n in past}, **{n: {0: "batch_size", 2: "total_sequence_length"} for n in present}}
    export(CachedDecoder(model), (ids, mask, positions, *cache), folder / "onnx/model.onnx",
           ["input_ids", "attention_mask", "position_ids", *past], ["logits", *present], axes)
    if weights_outside:
        path = folder / "onnx/model.onnx"
        onnx.save(onnx.load(path), path, save_as_external_data=True, location="model.onnx_data", size_threshold=1024)

    def greedy(text):
        prompt = TOKENIZER.encode(text).ids
        written = list(prompt)
        with torch.no_grad():
            while len(written) < len(prompt) + NEW_TOKENS:
                logits = model(input_ids=torch.tensor([written]), use_cache=False).logits[0, -1]
                token = int(logits.argmax())
                if token in (END, TURN_END):
                    break
                written.append(token)
        return written[len(prompt):]

    chat = f"<|im_start|>user\n{PROMPTS[0]}<|im_end|>\n<|im_start|>assistant\n"
    return {"name": name, "plain": [{"prompt": p, "tokens": greedy(p)} for p in PROMPTS],
            "chat": {"message": PROMPTS[0], "prompt": TOKENIZER.encode(chat).ids, "tokens": greedy(chat), "text": TOKENIZER.decode(greedy(chat), skip_special_tokens=True)}}


ends = dict(pad_token_id=PAD, eos_token_id=END, decoder_start_token_id=PAD)
bart = dict(vocab_size=SIZE, max_position_embeddings=128, d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=2,
            encoder_ffn_dim=32, decoder_ffn_dim=32, bos_token_id=PAD, forced_eos_token_id=None, tie_word_embeddings=False, **ends)
goldens = {
    "seq2seq": [
        seq2seq("t5", hf.T5Config(vocab_size=SIZE, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_decoder_layers=2, num_heads=2, **ends), hf.T5ForConditionalGeneration, "text2text-generation", 0.35),
        seq2seq("bart", hf.BartConfig(**bart), hf.BartForConditionalGeneration, "summarization", 0.9, seed=22),
        seq2seq("marian", hf.MarianConfig(**bart), hf.MarianMTModel, "translation", 0.9),
    ],
    "decoders": [
        decoder("llama", hf.LlamaConfig(vocab_size=SIZE, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256, pad_token_id=PAD, bos_token_id=None, eos_token_id=[END, TURN_END]), hf.LlamaForCausalLM, 2, 8),
        decoder("opt", hf.OPTConfig(vocab_size=SIZE, hidden_size=32, ffn_dim=48, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=256, word_embed_proj_dim=32, pad_token_id=PAD, bos_token_id=None, eos_token_id=TURN_END), hf.OPTForCausalLM, 4, 8, weights_outside=True),
    ],
}
(OUT / "writers.json").write_text(json.dumps(goldens, indent=1) + "\n")
print(json.dumps(goldens)[:2000])
