"""Writes gguf-table.json: what the reference readers say of the embedded model's header, and of the block types.

Needs: pip install gguf==0.19.0 llama-cpp-python==0.3.36
Run:   python scripts/goldens/gguf-table.py
The header comes from the Python gguf package, the block types from ggml's own ggml_blck_size and ggml_type_size.
"""

import ctypes
import hashlib
import json
from pathlib import Path

import llama_cpp
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"


def metadata_row(field):
    value = field.contents()
    if field.types[0] != GGUFValueType.ARRAY:
        return value
    # Vocabularies are large: a digest of the JSON text pins them as well as the text would.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return {"length": len(value), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def block_types():
    library = ctypes.CDLL(next((Path(llama_cpp.__file__).parent / "lib").glob("libggml-base.so*")))
    library.ggml_blck_size.restype = ctypes.c_int64
    library.ggml_type_size.restype = ctypes.c_size_t
    return {
        kind.name: [kind.value, library.ggml_blck_size(kind.value), library.ggml_type_size(kind.value)]
        for kind in GGMLQuantizationType
    }


reader = GGUFReader(MODEL)
golden = {
    "version": int(reader.fields["GGUF.version"].parts[-1][0]),
    "alignment": reader.alignment,
    "dataOffset": reader.data_offset,
    "metadata": {
        name: metadata_row(field) for name, field in reader.fields.items() if not name.startswith("GGUF.")
    },
    "tensors": [
        [tensor.name, tensor.tensor_type.name, tensor.shape.tolist(), int(tensor.data_offset), int(tensor.n_bytes)]
        for tensor in reader.tensors
    ],
    "blockTypes": block_types(),
}
lines = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in golden.items()]
Path(__file__).with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
