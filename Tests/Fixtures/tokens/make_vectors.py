"""Writes vectors.json: what all-MiniLM-L6-v2 (int8) says of some texts in ONNX Runtime, without padding, the mean over all tokens.

Usage: make_vectors.py NETWORK VOCABULARY > vectors.json    (numpy, onnxruntime 1.32.0, tokenizers 0.23.3)
"""
import json
import sys

import numpy as np
import onnxruntime
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

TEXTS = ["people at a beach", "tench", "a man riding a horse", "person on horseback", "stock market prices",
         "something that tells the time, such as a clock on a tower or a watch on somebody's wrist"]


def main():
    tokens = {token: number for number, token in enumerate(open(sys.argv[2], encoding="utf8").read().split("\n")[:-1])}
    tokenizer = Tokenizer(models.WordPiece(tokens, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    network = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
    rows = []
    for text in TEXTS:
        ids = np.array([[101, *tokenizer.encode(text, add_special_tokens=False).ids, 102]])
        found = network.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)})[0][0].mean(0)
        rows.append(json.dumps({"text": text, "vector": [round(float(number), 5) for number in found]}))
    print("[" + ",\n".join(rows) + "]")


main()
