"""llama.cpp's own table of block types, for scripts that ask it what a block means. Needs llama-cpp-python."""

import ctypes
from pathlib import Path

import llama_cpp


class TypeTraits(ctypes.Structure):
    """The beginning of struct ggml_type_traits (ggml.h)."""

    _fields_ = [
        ("type_name", ctypes.c_char_p),
        ("blck_size", ctypes.c_int64),
        ("blck_size_interleave", ctypes.c_int64),
        ("type_size", ctypes.c_size_t),
        ("is_quantized", ctypes.c_bool),
        ("to_float", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)),
        ("from_float_ref", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)),
    ]


ggml = ctypes.CDLL(str(next((Path(llama_cpp.__file__).parent / "lib").glob("libggml-base.so"))))
ggml.ggml_get_type_traits.restype = ctypes.POINTER(TypeTraits)


def traits_of(kind):
    return ggml.ggml_get_type_traits(int(kind)).contents
