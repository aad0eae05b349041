"""Makes blocks.json: random blocks of each type with the values the `gguf` package reads from them.

    python scripts/goldens/blocks.py          (needs numpy, gguf)
"""

import json
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, dequantize, quantize

HERE = Path(__file__).parent
BLOCKS = 6


def main():
    random = np.random.default_rng(7)
    cases = []
    for name in ("F32", "F16", "Q4_0", "Q4_1", "Q8_0"):
        kind = GGMLQuantizationType[name]
        x = (random.standard_normal((BLOCKS, 32)) * np.logspace(-4, 2, BLOCKS)[:, None]).astype(np.float32)
        data = quantize(x, kind)
        values = dequantize(data, kind).astype(np.float32).reshape(-1)
        cases.append({"type": name, "bytes": data.tobytes().hex(), "values": [float(v) for v in values]})
    (HERE / "blocks.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
