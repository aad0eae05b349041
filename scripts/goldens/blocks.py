"""Makes blocks.json: random blocks of each type, as llama.cpp quantises them, with the values that it reads from them.

    python scripts/goldens/blocks.py          (needs numpy, gguf, llama-cpp-python)

The `gguf` package must read the same values wherever it knows the type. Bytes and values (f32) are hexadecimal.
"""

import ctypes
import json
from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize
from ggml_types import ggml, traits_of

HERE = Path(__file__).parent
TYPES = (
    "F32 F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS MXFP4 Q1_0 TQ1_0 TQ2_0"
).split()
BLOCKS = 4


def case(name, random):
    kind = GGMLQuantizationType[name]
    traits = traits_of(kind)
    length, size = GGML_QUANT_SIZES[kind]
    assert (traits.blck_size, traits.type_size) == (length, size), name
    length = max(length, 32)
    spread = np.logspace(-4, 2, BLOCKS)[:, None]
    x = np.ascontiguousarray(random.standard_normal((BLOCKS, length)) * spread, dtype=np.float32)
    data = np.zeros(x.size // traits.blck_size * size, dtype=np.uint8)
    values = np.zeros(x.size, dtype=np.float32)
    if kind == GGMLQuantizationType.F32:
        data, values = x.view(np.uint8).reshape(-1), x.reshape(-1)
    else:
        traits.from_float_ref(x.ctypes.data, data.ctypes.data, x.size) if traits.from_float_ref else quantise(kind, x, data)
        # Every bit pattern of quants and scales must be read right, not only those that a quantiser writes.
        traits.to_float(data.ctypes.data, values.ctypes.data, x.size)
    if name != "Q1_0":
        other = dequantize(data.reshape(1, -1), kind).astype(np.float32).reshape(-1)
        assert np.allclose(values, other, rtol=1e-6, atol=0), name
    return {"type": name, "bytes": data.tobytes().hex(), "values": values.tobytes().hex()}


def quantise(kind, x, data):
    """Types with no plain quantiser: through ggml_quantize_chunk, every value equally important."""
    weights = np.ones(x.shape[1], dtype=np.float32)
    ggml.ggml_quantize_chunk(
        int(kind),
        ctypes.c_void_p(x.ctypes.data),
        ctypes.c_void_p(data.ctypes.data),
        ctypes.c_int64(0),
        ctypes.c_int64(x.shape[0]),
        ctypes.c_int64(x.shape[1]),
        ctypes.c_void_p(weights.ctypes.data),
    )


def main():
    random = np.random.default_rng(7)
    cases = [case(name, random) for name in TYPES]
    (HERE / "blocks.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
