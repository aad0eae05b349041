"""The tiny models of architectures.py: metadata and tensor shapes of each architecture, as llama.cpp's loader wants them."""

HIDDEN, FEED_FORWARD, HEADS, KV_HEADS, HEAD, VOCABULARY, CONTEXT = 64, 96, 4, 2, 16, 96, 512
# Stands for the block type of the run.
WEIGHT = "*"
RMS = {"attention.layer_norm_rms_epsilon": 1e-5}
LAYER = {"attention.layer_norm_epsilon": 1e-5}


def model(
    architecture,
    *,
    label=None,
    metadata=None,
    epsilon=RMS,
    layers=2,
    hidden=HIDDEN,
    feed_forward=FEED_FORWARD,
    heads=HEADS,
    kv_heads=KV_HEADS,
    head=HEAD,
    fused_qkv=False,
    fused_up=False,
    gated=True,
    before=True,
    after=False,
    plain=False,
    norm_bias=False,
    biases=(),
    head_norm=None,
    names=None,
    tied=True,
    output_bias=False,
    extra=(),
    experts=0,
    expert_size=32,
    shared=0,
    selection_bias=False,
    convolutions=(),
    inner_norms=False,
    final_norm="output_norm",
    dense_lead=0,
    recurrent=None,
    context=CONTEXT,
    per_layer=0,
    blocks=None,
    wide=None,
    shared_cache=0,
    own_values=True,
    fused_experts=False,
    expert_norms=False,
    expert_biases=False,
    sinks=False,
    streams=0,
):
    """
    `biases`: parts of a layer that have one. `head_norm`: None, 'head' (one weight for all), 'each' or 'row'.
    `blocks`: of each layer "s" (a state), "a" (attention) or "f" (a feed-forward block), and nothing else in it.
    """
    names = names or {}
    tensors = []
    states = recurrent or {}

    def recurrence(i, kind, inner, state, groups, heads, norm=True):
        if kind == "selective":
            linear(i, "ssm_in", 2 * inner, hidden)
            tensors.append((f"blk.{i}.ssm_conv1d.weight", "F32", [4, inner]))
            tensors.append((f"blk.{i}.ssm_conv1d.bias", "F32", [inner]))
            tensors.append((f"blk.{i}.ssm_x.weight", "F32", [inner, heads + 2 * state]))
            tensors.append((f"blk.{i}.ssm_dt.weight", "F32", [heads, inner]))
            tensors.append((f"blk.{i}.ssm_dt.bias", "F32", [inner]))
            tensors.append((f"blk.{i}.ssm_a", "F32", [state, inner]))
            tensors.append((f"blk.{i}.ssm_d", "F32", [inner]))
            linear(i, "ssm_out", hidden, inner)
            if norm == "parameters":
                for part, size in (("dt", heads), ("b", state), ("c", state)):
                    vectors(f"blk.{i}.ssm_{part}_norm", size)
            return
        channels = inner + 2 * groups * state
        tensors.append((f"blk.{i}.ssm_conv1d.weight", "F32", [4, channels]))
        tensors.append((f"blk.{i}.ssm_dt.bias", "F32", [heads]))
        linear(i, "ssm_out", hidden, inner)
        if kind == "delta":
            tensors.append((f"blk.{i}.ssm_a", "F32", [heads]))
            tensors.append((f"blk.{i}.ssm_norm.weight", "F32", [inner // heads]))
            linear(i, "attn_qkv", channels, hidden)
            linear(i, "attn_gate", inner, hidden)
            linear(i, "ssm_alpha", heads, hidden)
            linear(i, "ssm_beta", heads, hidden)
            return
        tensors.append((f"blk.{i}.ssm_conv1d.bias", "F32", [channels]))
        tensors.append((f"blk.{i}.ssm_a", "F32", [1, heads]))
        tensors.append((f"blk.{i}.ssm_d", "F32", [1, heads]))
        if norm:
            tensors.append((f"blk.{i}.ssm_norm.weight", "F32", [inner // groups, groups]))
        linear(i, "ssm_in", inner + channels + heads, hidden)

    def weight(name, rows, columns):
        tensors.append((f"{name}.weight", WEIGHT, [columns, rows]))

    def vectors(name, size, bias=False):
        tensors.append((f"{name}.weight", "F32", [size]))
        if bias:
            tensors.append((f"{name}.bias", "F32", [size]))

    def linear(index, part, rows, columns):
        weight(f"blk.{index}.{part}", rows, columns)
        if part in biases:
            tensors.append((f"blk.{index}.{part}.bias", "F32", [rows]))

    weight("token_embd", VOCABULARY, hidden)
    if per_layer:
        weight("per_layer_token_embd", VOCABULARY, per_layer * layers)
        weight("per_layer_model_proj", per_layer * layers, hidden)
        vectors("per_layer_proj_norm", per_layer)
    if streams:
        for part in ("proj", "unembd_proj"):
            tensors.append((f"altup_{part}.weight", "F32", [hidden, hidden, streams - 1]))
    if not plain:
        vectors(final_norm, hidden, norm_bias)
    if not tied:
        weight("output", VOCABULARY, hidden)
    if output_bias:
        tensors.append(("output.bias", "F32", [VOCABULARY]))
    narrow = head
    for i in range(layers):
        # Layers that see all positions may have heads of another size.
        head = wide["head"] if wide and i in wide["layers"] else narrow
        query, key = heads * head, kv_heads * head
        has_cache = i < layers - shared_cache
        if blocks:
            vectors(f"blk.{i}.attn_norm", hidden)
            if blocks[i] == "s":
                recurrence(i, **states["shape"])
            elif blocks[i] == "a":
                for part, rows, columns in (("q", query, hidden), ("k", key, hidden), ("v", key, hidden), ("output", hidden, query)):
                    linear(i, f"attn_{part}", rows, columns)
            else:
                linear(i, "ffn_up", feed_forward, hidden)
                linear(i, "ffn_down", hidden, feed_forward)
            continue
        if before and not plain:
            vectors(f"blk.{i}.{names.get('attn_norm', 'attn_norm')}", hidden, norm_bias)
            if names.get("ffn_norm") == "ffn_norm ":
                tensors.append((f"blk.{i}.ffn_norm", "F32", [hidden]))
            elif names.get("ffn_norm", "ffn_norm"):
                vectors(f"blk.{i}.{names.get('ffn_norm', 'ffn_norm')}", hidden, norm_bias)
        for part in ("post_attention_norm", "post_ffw_norm") if after else ():
            # Some files name them without the ending.
            tensors.append((f"blk.{i}.{part}{'' if after == 'bare' else '.weight'}", "F32", [hidden]))
        is_recurrent = i in states.get("layers", ())
        if is_recurrent:
            recurrence(i, **states["shape"])
        if is_recurrent and not states.get("beside"):
            pass
        elif states.get("gated"):
            linear(i, "attn_q", 2 * query, hidden)
            linear(i, "attn_k", key, hidden)
            linear(i, "attn_v", key, hidden)
        elif i in convolutions:
            tensors.append((f"blk.{i}.shortconv.conv.weight", "F32", [3, hidden]))
            linear(i, "shortconv.in_proj", 3 * hidden, hidden)
            linear(i, "shortconv.out_proj", hidden, hidden)
        elif fused_qkv:
            linear(i, "attn_qkv", query + 2 * key, hidden)
        else:
            linear(i, "attn_q", query, hidden)
            if has_cache:
                linear(i, "attn_k", key, hidden)
                if own_values or head == narrow:
                    linear(i, "attn_v", key, hidden)
        has_attention = i not in convolutions and (not is_recurrent or states.get("beside"))
        if has_attention:
            linear(i, "attn_output", hidden, query)
        if streams:
            for part, shape in (("router", [hidden, streams]), ("predict_coef", [streams, streams**2]), ("correct_coef", [streams, streams])):
                tensors.append((f"blk.{i}.altup_{part}.weight", "F32", shape))
            vectors(f"blk.{i}.altup_router_norm", hidden)
            vectors(f"blk.{i}.altup_correct_scale", hidden)
            linear(i, "laurel_l", 64, hidden)
            linear(i, "laurel_r", hidden, 64)
            vectors(f"blk.{i}.laurel_post_norm", hidden)
        if sinks:
            tensors.append((f"blk.{i}.attn_sinks.weight", "F32", [heads]))
        if per_layer:
            linear(i, "inp_gate", per_layer, hidden)
            linear(i, "proj", hidden, per_layer)
            vectors(f"blk.{i}.post_norm", hidden)
        if wide:
            vectors(f"blk.{i}.layer_output_scale", 1)
        if inner_norms:
            vectors(f"blk.{i}.attn_sub_norm", query)
            vectors(f"blk.{i}.ffn_sub_norm", feed_forward)
        if not has_attention:
            pass
        elif head_norm == "head":
            vectors(f"blk.{i}.attn_q_norm", head)
            if has_cache:
                vectors(f"blk.{i}.attn_k_norm", head)
        elif head_norm == "row":
            vectors(f"blk.{i}.attn_q_norm", query)
            vectors(f"blk.{i}.attn_k_norm", key)
        elif head_norm == "each":
            tensors.append((f"blk.{i}.attn_q_norm.weight", "F32", [head, heads]))
            tensors.append((f"blk.{i}.attn_k_norm.weight", "F32", [head, kv_heads]))
        if experts and i >= dense_lead:
            tensors.append((f"blk.{i}.ffn_gate_inp.weight", "F32", [hidden, experts]))
            if expert_biases:
                tensors.append((f"blk.{i}.ffn_gate_inp.bias", "F32", [experts]))
            if selection_bias:
                tensors.append((f"blk.{i}.exp_probs_b.bias", "F32", [experts]))
            lifts = (("gate_up", 2 * expert_size, hidden),) if fused_experts else (("gate", expert_size, hidden), ("up", expert_size, hidden))
            for part, rows, columns in (*lifts, ("down", hidden, expert_size)):
                tensors.append((f"blk.{i}.ffn_{part}_exps.weight", WEIGHT, [columns, rows, experts]))
                if expert_biases:
                    tensors.append((f"blk.{i}.ffn_{part}_exps.bias", "F32", [rows, experts]))
            if shared:
                for part, rows, columns in (("gate", shared, hidden), ("up", shared, hidden), ("down", hidden, shared)):
                    linear(i, f"ffn_{part}{'' if expert_norms else '_shexp'}", rows, columns)
            if expert_norms:
                for part in ("pre_ffw_norm_2", "post_ffw_norm_1", "post_ffw_norm_2"):
                    vectors(f"blk.{i}.{part}", hidden)
                tensors.append((f"blk.{i}.ffn_gate_inp.scale", "F32", [hidden]))
                tensors.append((f"blk.{i}.ffn_down_exps.scale", "F32", [experts]))
            continue
        size = feed_forward if has_cache else 2 * feed_forward
        if gated and not fused_up:
            linear(i, "ffn_gate", size, hidden)
        linear(i, "ffn_up", size * (2 if fused_up else 1), hidden)
        linear(i, "ffn_down", hidden, size)
    tensors.extend(extra)
    return {
        "name": f"{architecture} ({label})" if label else architecture,
        "architecture": architecture,
        "context": context,
        "metadata": {
            "block_count": layers,
            "context_length": CONTEXT,
            "vocab_size": VOCABULARY,
            "embedding_length": hidden,
            "feed_forward_length": feed_forward,
            "attention.head_count": heads,
            "attention.head_count_kv": kv_heads,
            "attention.key_length": wide["head"] if wide else head,
            "attention.value_length": wide["head"] if wide else head,
            **epsilon,
            **({f"ssm.{key}": value for key, value in states["metadata"].items()} if states else {}),
            **(metadata or {}),
        },
        "tensors": tensors,
    }


GPT = {"epsilon": LAYER, "norm_bias": True, "gated": False}
QKV = ("attn_q", "attn_k", "attn_v")
ALL_BIASES = (*QKV, "attn_qkv", "attn_output", "ffn_up", "ffn_down")
FREQUENCIES = ("rope_freqs.weight", "F32", [HEAD // 2])
GRANITE = {"logit_scale": 8.0, "residual_scale": 0.22, "embedding_scale": 12.0, "attention.scale": 0.015625 * 4}
EXPERTS = {"expert_count": 8, "expert_used_count": 3}
SHARED = {"expert_feed_forward_length": 32, "expert_shared_count": 2}
WINDOW = {"attention.sliding_window": 24}


def longrope(half):
    return (("rope_factors_long.weight", "F32", [half]), ("rope_factors_short.weight", "F32", [half]))


def states(layers, kind, inner, state, groups, heads, **rest):
    shape = {"kind": kind, "inner": inner, "state": state, "groups": groups, "heads": heads, "norm": rest.pop("norm", True)}
    metadata = {"conv_kernel": 4, "inner_size": inner, "state_size": state, "time_step_rank": heads, "group_count": groups}
    return {"layers": layers, "shape": shape, "metadata": metadata, **rest}


def gemma4(layers, full, shared, narrow, wide):
    """`full`: layers that see all positions; the last `shared` ones read keys and values of layers before them."""
    return {
        **WINDOW,
        "rope.freq_base": 1e6,
        "rope.freq_base_swa": 1e4,
        "rope.dimension_count": wide,
        "rope.dimension_count_swa": narrow,
        "attention.key_length_swa": narrow,
        "attention.value_length_swa": narrow,
        "attention.sliding_window_pattern": [i not in full for i in range(layers)],
        "attention.shared_kv_layers": shared,
        "final_logit_softcapping": 3.0,
    }


GEMMA4 = {"after": True, "head_norm": "head"}
PHI3 = {
    "rope.scaling.type": "longrope",
    "rope.scaling.attn_factor": 1.19,
    "rope.scaling.original_context_length": 256,
}
GPT_OSS = {"names": {"ffn_norm": "post_attention_norm"}, "biases": (*QKV, "attn_output"), "tied": False, "experts": 8, "expert_biases": True, "sinks": True, "metadata": {**EXPERTS, **WINDOW, "expert_feed_forward_length": 32, "rope.freq_base": 150000.0, "rope.scaling.type": "yarn", "rope.scaling.factor": 32.0, "rope.scaling.original_context_length": 64}}
YARN = {"rope.scaling.type": "yarn", "rope.scaling.factor": 4.0, "rope.scaling.original_context_length": 128}

# Super-blocks span 256 values: these are made in every block type there is.
WIDE = {"hidden": 256, "feed_forward": 256, "head": 64}
WIDE_SHAPES = [
    ("llama", {"tied": False}),
    ("qwen2", {"biases": QKV}),
    ("qwen3", {"head_norm": "head", "head": 128}),
    ("gemma3", {"after": True, "head_norm": "head", "layers": 3, "metadata": {**WINDOW, "rope.freq_base": 1e6}}),
    ("phi3", {"fused_qkv": True, "fused_up": True}),
    ("qwen3moe", {"experts": 4, "expert_size": 256, "head_norm": "head", "metadata": {"expert_count": 4, "expert_used_count": 2, "expert_feed_forward_length": 256}}),
    ("qwen35", {"layers": 2, "names": {"ffn_norm": "post_attention_norm"}, "head_norm": "head", "recurrent": states((0,), "delta", 256, 64, 2, 4, gated=True), "metadata": {"rope.dimension_sections": [11, 11, 10, 0], "full_attention_interval": 2}}),
]

# Architecture, label and what differs from `model`'s defaults; each is made in every block type.
SHAPES = [
    ("llama", None, {}),
    ("llama", "llama 3 factors, output of its own", {"extra": (FREQUENCIES,), "tied": False}),
    ("llama", "linear scaling", {"metadata": {"rope.scaling.type": "linear", "rope.scaling.factor": 4.0}}),
    ("llama", "yarn", {"metadata": YARN}),
    ("llama", "all biases", {"biases": (*ALL_BIASES, "ffn_gate")}),
    ("mistral3", None, {"context": 256, "metadata": {**YARN, "rope.scaling.original_context_length": 256, "attention.temperature_scale": 0.1, "rope.scaling.yarn_log_multiplier": 1.0}}),
    ("qwen", None, {"fused_qkv": True, "kv_heads": HEADS, "biases": ("attn_qkv",), "tied": False, "metadata": {"feed_forward_length": 2 * FEED_FORWARD}}),
    ("qwen2", None, {"biases": QKV, "metadata": {"rope.freq_base": 1e6}}),
    ("qwen3", None, {"head_norm": "head", "head": 32, "metadata": {"rope.freq_base": 1e6}}),
    ("qwen2vl", None, {"biases": QKV, "metadata": {"rope.freq_base": 1e6, "rope.dimension_sections": [2, 3, 3, 0]}}),
    ("qwen3vl", None, {"head_norm": "head", "head": 32, "metadata": {"rope.freq_base": 5e6, "rope.dimension_sections": [6, 5, 5, 0]}}),
    ("qwen3vlmoe", None, {"experts": 8, "head_norm": "head", "metadata": {**EXPERTS, "expert_feed_forward_length": 32, "rope.dimension_sections": [3, 3, 2, 0]}}),
    ("gemma", None, {"head": 32}),
    ("gemma2", None, {"after": True, "head": 32, "metadata": {**WINDOW, "attn_logit_softcapping": 2.0, "final_logit_softcapping": 3.0}}),
    ("gemma3", None, {"after": True, "head": 32, "layers": 7, "head_norm": "head", "metadata": {**WINDOW, "rope.freq_base": 1e6, "rope.scaling.type": "linear", "rope.scaling.factor": 8.0}}),
    ("gemma4", "per-layer embeddings, shared keys and values", {**GEMMA4, "layers": 7, "head": 16, "wide": {"layers": (2, 4, 6), "head": 32}, "per_layer": 32, "shared_cache": 2, "extra": (("rope_freqs.weight", "F32", [16]),), "metadata": {**gemma4(7, (2, 4, 6), 2, 16, 32), "embedding_length_per_layer_input": 32, "feed_forward_length": [96] * 5 + [192] * 2}}),
    ("gemma4", "dense, keys as values", {**GEMMA4, "layers": 4, "head": 16, "wide": {"layers": (1, 3), "head": 32}, "own_values": False, "extra": (("rope_freqs.weight", "F32", [16]),), "metadata": {**gemma4(4, (1, 3), 0, 16, 32), "embedding_length_per_layer_input": 0}}),
    ("gemma4", "experts", {**GEMMA4, "layers": 3, "head": 16, "wide": {"layers": (1, 2), "head": 32}, "own_values": False, "experts": 8, "shared": 96, "fused_experts": True, "expert_norms": True, "extra": (("rope_freqs.weight", "F32", [16]),), "metadata": {**gemma4(3, (1, 2), 0, 16, 32), **EXPERTS, "expert_feed_forward_length": 32, "embedding_length_per_layer_input": 0}}),
    ("phi2", None, {**GPT, "names": {"ffn_norm": None}, "biases": ALL_BIASES, "tied": False, "output_bias": True, "head": 16, "metadata": {"rope.dimension_count": 8}}),
    ("phi3", "short", {"fused_qkv": True, "fused_up": True, "metadata": PHI3, "extra": longrope(HEAD // 2), "context": 256}),
    ("phi3", "long, part of a head", {"fused_qkv": True, "fused_up": True, "metadata": {**PHI3, "rope.dimension_count": 12}, "extra": longrope(6)}),
    ("granite", None, {"metadata": GRANITE}),
    ("granite", "no rope", {"metadata": {**GRANITE, "rope.scaling.finetuned": False}}),
    ("falcon", "one norm", {**GPT, "fused_qkv": True, "kv_heads": 1, "names": {"ffn_norm": None}}),
    ("falcon", "two norms", {**GPT, "fused_qkv": True, "names": {"ffn_norm": "attn_norm_2"}, "tied": False}),
    ("stablelm", None, {"epsilon": LAYER, "norm_bias": True, "biases": QKV, "tied": False, "metadata": {"rope.dimension_count": 4}}),
    ("stablelm", "parallel", {"epsilon": LAYER, "norm_bias": True, "head_norm": "each", "names": {"ffn_norm": None}, "tied": False, "metadata": {"rope.dimension_count": 4}}),
    ("olmo", None, {"epsilon": LAYER, "plain": True}),
    ("olmo2", None, {"before": False, "after": True, "head_norm": "row", "tied": False}),
    ("olmo2", "olmo 3", {"before": False, "after": True, "head_norm": "row", "tied": False, "layers": 5, "metadata": {**WINDOW, **YARN}}),
    ("smollm3", None, {"layers": 5}),
    ("exaone", None, {"extra": (FREQUENCIES,)}),
    ("exaone4", None, {"before": False, "after": True, "head_norm": "head", "extra": (FREQUENCIES,)}),
    ("minicpm", None, {"metadata": {"logit_scale": 9.0, "residual_scale": 0.3, "embedding_scale": 12.0}}),
    ("minicpm", "without factors", {}),
    ("ernie4_5", None, {}),
    ("hunyuan-dense", None, {"head_norm": "head"}),
    ("hunyuan_vl", None, {"head_norm": "head", "metadata": {"rope.dimension_sections": [2, 2, 2, 2], "rope.scaling.alpha": 1000.0}}),
    ("maincoder", None, {"head_norm": "head"}),
    ("plamo3", None, {"fused_qkv": True, "fused_up": True, "after": "bare", "head_norm": "head", "layers": 9, "metadata": {**WINDOW, "rope.freq_base": 1e6, "rope.freq_base_swa": 1e4, "attention.sliding_window_pattern": 8}}),
    ("paddleocr", None, {"metadata": {"rope.dimension_sections": [2, 3, 3, 0]}}),
    ("pangu-embedded", None, {"biases": (*QKV, "attn_output"), "tied": False}),
    ("jais2", None, {**GPT, "biases": ALL_BIASES, "tied": False}),
    ("starcoder2", None, {**GPT, "biases": ALL_BIASES}),
    ("gptneox", "parallel", {**GPT, "fused_qkv": True, "kv_heads": HEADS, "biases": ALL_BIASES, "tied": False, "metadata": {"use_parallel_residual": True, "rope.dimension_count": 4}}),
    ("gptneox", "in turn", {**GPT, "fused_qkv": True, "kv_heads": HEADS, "biases": ALL_BIASES, "tied": False, "metadata": {"use_parallel_residual": False, "rope.dimension_count": 4}}),
    ("gpt2", None, {**GPT, "fused_qkv": True, "kv_heads": HEADS, "biases": ALL_BIASES, "extra": (("position_embd.weight", "F32", [HIDDEN, CONTEXT]),)}),
    ("starcoder", None, {**GPT, "fused_qkv": True, "kv_heads": 1, "biases": ALL_BIASES, "extra": (("position_embd.weight", "F32", [HIDDEN, CONTEXT]),)}),
    ("codeshell", None, {**GPT, "fused_qkv": True, "biases": ALL_BIASES, "tied": False}),
    ("nemotron", None, {**GPT, "tied": False, "metadata": {"rope.dimension_count": 8}}),
    ("arcee", None, {"gated": False}),
    ("internlm2", None, {"tied": False}),
    ("xverse", None, {"tied": False}),
    ("orion", None, {"epsilon": LAYER, "norm_bias": True, "tied": False}),
    ("chatglm", None, {"fused_qkv": True, "fused_up": True, "biases": ("attn_qkv",), "metadata": {"rope.dimension_count": 8}}),
    ("glm4", None, {"after": True, "fused_up": True, "metadata": {"rope.dimension_count": 8}}),
    ("seed_oss", None, {"names": {"ffn_norm": "post_attention_norm"}, "biases": QKV}),
    ("command-r", None, {"epsilon": LAYER, "names": {"ffn_norm": None}, "metadata": {"logit_scale": 0.25}}),
    ("cohere2", None, {"epsilon": LAYER, "names": {"ffn_norm": None}, "layers": 5, "metadata": {**WINDOW, "logit_scale": 0.25}}),
    ("bitnet", None, {"inner_norms": True, "kv_heads": KV_HEADS}),
    ("llama", "experts", {"experts": 8, "tied": False, "metadata": {**EXPERTS, "feed_forward_length": 32}}),
    ("phimoe", None, {"norm_bias": True, "biases": (*QKV, "attn_output"), "tied": False, "output_bias": True, "experts": 4, "extra": longrope(HEAD // 2), "context": 256, "metadata": {**PHI3, "expert_count": 4, "expert_used_count": 2, "feed_forward_length": 32}}),
    ("ernie4_5-moe", None, {"layers": 2, "experts": 4, "shared": 32, "dense_lead": 1, "selection_bias": True, "metadata": {"expert_count": 4, "expert_used_count": 3, "expert_feed_forward_length": 32, "expert_shared_feed_forward_length": 32, "leading_dense_block_count": 1, "interleave_moe_layer_step": 1}}),
    ("granitemoe", None, {"experts": 8, "metadata": {**GRANITE, **EXPERTS, "feed_forward_length": 32}}),
    ("granitemoe", "shared block", {"experts": 8, "shared": 64, "metadata": {**GRANITE, **EXPERTS, "feed_forward_length": 32, "expert_shared_feed_forward_length": 64}}),
    ("olmoe", None, {"experts": 8, "kv_heads": HEADS, "head_norm": "row", "tied": False, "metadata": {**EXPERTS, "feed_forward_length": 32}}),
    ("qwen2moe", None, {"experts": 8, "shared": 64, "biases": QKV, "tied": False, "metadata": {**EXPERTS, "expert_feed_forward_length": 32, "expert_shared_feed_forward_length": 64}, "extra": (("blk.0.ffn_gate_inp_shexp.weight", "F32", [HIDDEN]), ("blk.1.ffn_gate_inp_shexp.weight", "F32", [HIDDEN]))}),
    ("qwen3moe", None, {"experts": 8, "head_norm": "head", "metadata": {**EXPERTS, "expert_feed_forward_length": 32}}),
    ("lfm2", None, {"layers": 5, "convolutions": (0, 1, 3), "head_norm": "head", "final_norm": "token_embd_norm", "metadata": {"attention.head_count_kv": [0, 0, 2, 0, 2], "shortconv.l_cache": 3}}),
    ("lfm2moe", None, {"layers": 4, "convolutions": (0, 2), "head_norm": "head", "final_norm": "token_embd_norm", "experts": 8, "dense_lead": 1, "selection_bias": True, "metadata": {**EXPERTS, "expert_feed_forward_length": 32, "leading_dense_block_count": 1, "expert_gating_func": 2, "attention.head_count_kv": [0, 2, 0, 2], "shortconv.l_cache": 3}}),
    ("granitehybrid", None, {"layers": 4, "recurrent": states((0, 1, 3), "scan", 128, 16, 1, 4), "metadata": {**GRANITE, "rope.scaling.finetuned": False, "attention.head_count_kv": [0, 0, 2, 0]}}),
    ("granitehybrid", "experts", {"layers": 3, "experts": 8, "shared": 64, "recurrent": states((0, 2), "scan", 128, 16, 1, 8), "metadata": {**GRANITE, **EXPERTS, "feed_forward_length": 32, "expert_shared_feed_forward_length": 64, "attention.head_count_kv": [0, 2, 0]}}),
    ("falcon-h1", None, {"names": {"ffn_norm": "ffn_norm "}, "recurrent": states((0, 1), "scan", 96, 32, 2, 6, beside=True), "metadata": {"rope.freq_base": 1e6}}),
    ("falcon-h1", "norm left out", {"names": {"ffn_norm": "ffn_norm "}, "recurrent": states((0, 1), "scan", 64, 16, 1, 4, beside=True, norm=False), "tied": False}),
    ("mamba", None, {"layers": 2, "blocks": "ss", "recurrent": states((0, 1), "selective", 128, 16, 1, 6), "metadata": {"attention.head_count": 0, "attention.head_count_kv": 0, "feed_forward_length": 0}}),
    ("mamba", "parameters normed", {"layers": 2, "blocks": "ss", "tied": False, "recurrent": states((0, 1), "selective", 128, 8, 1, 8), "metadata": {"attention.head_count": 0, "attention.head_count_kv": 0, "feed_forward_length": 0, "ssm.dt_b_c_rms": True}}),
    ("jamba", None, {"layers": 3, "recurrent": states((0, 2), "selective", 128, 16, 1, 8, norm="parameters"), "metadata": {"attention.head_count_kv": [0, 2, 0]}}),
    ("jamba", "experts", {"layers": 2, "experts": 4, "recurrent": states((1,), "selective", 128, 16, 1, 4, norm="parameters"), "metadata": {"attention.head_count_kv": [2, 0], "expert_count": 4, "expert_used_count": 2, "feed_forward_length": 32}}),
    ("mamba2", None, {"layers": 2, "blocks": "ss", "recurrent": states((0, 1), "scan", 128, 16, 1, 4), "metadata": {"attention.head_count": 0, "attention.head_count_kv": 0, "feed_forward_length": 0}}),
    ("mamba2", "two groups", {"layers": 2, "blocks": "ss", "tied": False, "recurrent": states((0, 1), "scan", 96, 32, 2, 6), "metadata": {"attention.head_count": 0, "attention.head_count_kv": 0, "feed_forward_length": 0}}),
    ("nemotron_h", None, {"layers": 7, "blocks": "sfsafsa", "tied": False, "recurrent": states((0, 2, 5), "scan", 128, 16, 2, 4), "metadata": {**LAYER, "attention.head_count_kv": [0, 0, 0, 2, 0, 0, 2], "feed_forward_length": [0, 96, 0, 0, 96, 0, 0]}}),
    ("qwen35", None, {"layers": 5, "names": {"ffn_norm": "post_attention_norm"}, "head_norm": "head", "head": 32, "recurrent": states((0, 1, 2, 4), "delta", 128, 32, 2, 4, gated=True), "metadata": {"rope.dimension_count": 16, "rope.dimension_sections": [3, 3, 2, 0], "rope.freq_base": 1e6, "full_attention_interval": 4}}),
    ("qwen35moe", None, {"layers": 4, "names": {"ffn_norm": "post_attention_norm"}, "head_norm": "head", "head": 32, "recurrent": states((0, 1, 2), "delta", 128, 32, 2, 4, gated=True), "experts": 8, "shared": 64, "fused_experts": True, "metadata": {**EXPERTS, "expert_feed_forward_length": 32, "expert_shared_feed_forward_length": 64, "rope.dimension_count": 16, "rope.dimension_sections": [3, 3, 2, 0], "rope.freq_base": 1e6, "full_attention_interval": 4}, "extra": tuple((f"blk.{i}.ffn_gate_inp_shexp.weight", "F32", [HIDDEN]) for i in range(4))}),
    *[(name, "wide", {**WIDE, **shape}) for name, shape in WIDE_SHAPES],
    ("openelm", None, {"fused_qkv": True, "head_norm": "head"}),
    ("gemma3n", None, {**GEMMA4, "layers": 4, "feed_forward": 128, "per_layer": 256, "streams": 4, "metadata": {**WINDOW, "rope.freq_base": 1e6, "attention.sliding_window_pattern": 3, "attention.shared_kv_layers": 0, "embedding_length_per_layer_input": 256, "altup.num_inputs": 4, "altup.active_idx": 0}}),
    ("granite_swa", None, {"layers": 4, "sinks": True, "metadata": {**GRANITE, **WINDOW, "attention.sliding_window_pattern": [True, True, False, True], "attention.rope_pattern": [True, True, False, True]}}),
    ("bailingmoe", None, {"layers": 2, "experts": 8, "shared": 64, "tied": False, "metadata": {**EXPERTS, **SHARED, "expert_weights_norm": True}}),
    ("bailingmoe2", None, {"layers": 3, "fused_qkv": True, "head_norm": "head", "experts": 16, "shared": 32, "dense_lead": 1, "selection_bias": True, "tied": False, "metadata": {**SHARED, "expert_count": 16, "expert_used_count": 4, "expert_shared_count": 1, "expert_gating_func": 2, "expert_weights_norm": True, "expert_group_count": 8, "expert_group_used_count": 2, "leading_dense_block_count": 1, "rope.dimension_count": 8}}),
    ("dots1", None, {"layers": 3, "kv_heads": HEADS, "head_norm": "head", "experts": 8, "shared": 64, "dense_lead": 1, "selection_bias": True, "tied": False, "metadata": {**EXPERTS, **SHARED, "expert_gating_func": 2, "expert_weights_norm": True, "expert_weights_scale": 2.5, "leading_dense_block_count": 1}}),
    ("deepseek", None, {"layers": 3, "experts": 8, "shared": 64, "dense_lead": 1, "tied": False, "metadata": {**EXPERTS, **SHARED, "expert_weights_scale": 1.5, "leading_dense_block_count": 1}}),
    ("hunyuan-moe", None, {"experts": 8, "shared": 64, "tied": False, "head_norm": "head", "metadata": {**EXPERTS, **SHARED, "feed_forward_length": 32, "expert_shared_feed_forward_length": 64}}),
    ("gpt-oss", None, {**GPT_OSS, "layers": 3}),
    ("gpt-oss", "wide", {**GPT_OSS, **WIDE, "layers": 2, "expert_size": 256, "experts": 4, "metadata": {**GPT_OSS["metadata"], "expert_count": 4, "expert_used_count": 4, "expert_feed_forward_length": 256}}),
]

MODELS = [model(name, label=label, **shape) for name, label, shape in SHAPES]
