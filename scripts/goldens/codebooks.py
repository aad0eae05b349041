"""Makes the tables of the codebook types (IQ1, IQ2, IQ3) and what random blocks of them mean.

    python scripts/goldens/codebooks.py          (needs numpy, gguf, llama-cpp-python)

Writes src/runtime/backends/codebooks/grid-tables.ts: the grids as the `gguf` package packs them (two bits an entry, or four),
in base64. They are facts of the file format, which is defined by llama.cpp's ggml-common.h.
Writes codebooks.json: random blocks in hexadecimal, every bit pattern as likely, with the f32 values that llama.cpp reads
from them; the `gguf` package must read the same.
"""

import base64
import json
import textwrap
from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize, quants
from ggml_types import traits_of

HERE = Path(__file__).parent
TABLES = HERE.parent.parent / "src/runtime/backends/codebooks/grid-tables.ts"
# Where the half float stands that all values are multiples of; IQ1_M has it in four pieces.
SCALE_AT = {"IQ2_XXS": 0, "IQ2_XS": 0, "IQ2_S": 0, "IQ3_XXS": 0, "IQ3_S": 0, "IQ1_S": 0, "IQ1_M": None}
GRIDS = ["IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ1_S"]
BLOCKS = 3


def write_scale(block, at, value):
    bits = int(np.float16(value).view(np.uint16))
    if at is not None:
        block[at : at + 2] = [bits & 255, bits >> 8]
        return
    for i in range(4):
        block[49 + 2 * i] = (block[49 + 2 * i] & 15) | (((bits >> (4 * i)) & 15) << 4)


def case(name, random):
    kind = GGMLQuantizationType[name]
    length, size = GGML_QUANT_SIZES[kind]
    data = random.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
    for block, scale in zip(data, (0.001, 0.37, -2.5)):
        write_scale(block, SCALE_AT[name], scale)
    traits = traits_of(kind)
    values = np.zeros(BLOCKS * length, dtype=np.float32)
    traits.to_float(data.ctypes.data, values.ctypes.data, values.size)
    other = dequantize(data.reshape(1, -1), kind).astype(np.float32).reshape(-1)
    assert np.allclose(values, other, rtol=1e-6, atol=0), name
    return {"type": name, "bytes": data.tobytes().hex(), "values": values.tobytes().hex()}


def table(name):
    packed = bytes.fromhex(getattr(quants, name).grid_hex.decode())
    lines = textwrap.wrap(base64.b64encode(packed).decode(), 116)
    return f"  {name}: `\n" + "\n".join(lines) + "`,\n"


def main():
    random = np.random.default_rng(11)
    cases = [case(name, random) for name in SCALE_AT]
    (HERE / "codebooks.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
    TABLES.write_text(
        "// Made by scripts/goldens/codebooks.py; not edited by hand.\n\n"
        "/**\n"
        " * The codebooks of the IQ1, IQ2 and IQ3 types: entries of eight values in two bits each, or of four in four bits each\n"
        " * (IQ3), lowest bits first, in base64. Source: ggml-common.h of llama.cpp, packed as the `gguf` package on PyPI has them.\n"
        " */\n"
        "export const GRID_TABLES = {\n" + "".join(table(name) for name in GRIDS) + "} as const;\n"
    )


if __name__ == "__main__":
    main()
