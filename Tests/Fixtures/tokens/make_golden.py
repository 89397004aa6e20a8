"""Writes golden.json: what Hugging Face's tokenizers (0.23.3, BertNormalizer, BertPreTokenizer, WordPiece) makes of some texts.

Usage: make_golden.py VOCABULARY > golden.json    (in a Python with `pip install tokenizers==0.23.3`)

The vocabulary is all-MiniLM-L6-v2_vocab.txt of the analysers' material, one token a line. `small` are tokens of a vocabulary of a few lines, which stands in the file.
"""
import json
import random
import sys

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

TEXTS = [
    "people at a beach",
    "tench",
    "great white shark",
    "black-and-white photograph of an 18-wheeler's cab, 3.5m high",
    "Stra\xdfe \xc4rger na\xefve fa\xe7ade \xc5ngstr\xf6m \u0130stanbul \u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3",
    "don't stop!!! (really?) $5.00 @home #tag ~x^2|y` {a} [b] <c>",
    "[CLS] this is text [SEP] and no mark [MASK]",
    "\u96fb\u8eca\u304c\u99c5\u306b\u7740\u3044\u305f \u4eba\u5de5\u77e5\u80fd \ud55c\uad6d\uc5b4 \ubb38\uc7a5",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e",
    "emoji \U0001f600 \U0001f3d6\ufe0f and \U0001f469\u200d\U0001f680 flags \U0001f1e9\U0001f1ea",
    "tab\tand no-break\xa0space and zero\u200bwidth and soft\xadhyphen",
    "antidisestablishmentarianism supercalifragilisticexpialidocious",
    "\u201cquoted\u201d \u2018single\u2019 \u2013 dash, ellipsis\u2026 \xb7 middle \u2020 \u2021 \xa7 \xb6",
    "x\x00y \ufffd z \x85 next \u2028 line",
    "1234567890 \xbd \xb2 \u2460 \u2167 \u2153 \u0661\u0662\u0663",
    "\u01c4 \u01c5 \u01c6 \ufb01 \ufb02 \u0149 \xdf \u1e9e \u0152 \xe6 \xf8 \u0142 \u0111",
    "\u037e \u0387 \u1fef \uff01 \uff0c full width \uff21\uff22\uff23",
    "e\u0301 a\u0323\u0302 o\u0308\u0304 \u0130 I\u0307",
    "\U0001d518\U0001d52b\U0001d526\U0001d520\U0001d52c\U0001d521\U0001d522 \U00010437 \U00020000 \U0002a700 \U0002b740 \U0002b820 \u8c48 \u4e3d",
    "kitchen appliance; something that tells the time; scary animal with eight legs",
]
TEXTS += ["", " ", "\n\r\t", "a" * 100, "a" * 101, "beach " * 200]


def drawn():
    """Characters of many blocks beside each other."""
    dice, texts = random.Random(7), []
    blocks = [(0x20, 0x7f), (0xa0, 0x250), (0x300, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0x980), (0xe00, 0xe80), (0x1100, 0x1200),
              (0x1e00, 0x2070), (0x20a0, 0x2200), (0x3000, 0x3100), (0x4e00, 0x4f00), (0xac00, 0xad00), (0xf900, 0xfa00), (0xff00, 0xffe0)]
    for _ in range(60):
        texts.append("".join(chr(dice.randrange(*dice.choice(blocks))) for _ in range(dice.randrange(1, 40))))
    return texts


SMALL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "beach", "be", "##ach", "##es", "Beach", "people", "##s", "-", "é", "e", "ä", "電"]
SMALL_TEXTS = ["a beach", "Beach Beaches", "beaches-people", "peoples", "é É e\u0301", "ä Ä", "電a電", "xyz", "be ach"]


def tokenizer(tokens, lowercase):
    made = Tokenizer(models.WordPiece({token: number for number, token in enumerate(tokens)}, unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def main():
    large = tokenizer(open(sys.argv[1], encoding="utf8").read().split("\n")[:-1], True)
    small = {lowercase: tokenizer(SMALL, lowercase) for lowercase in (True, False)}
    rows = [{"text": text, "ids": large.encode(text, add_special_tokens=False).ids} for text in TEXTS + drawn()]
    few = [{"text": text, "lowercase": lowercase, "ids": small[lowercase].encode(text, add_special_tokens=False).ids}
           for text in SMALL_TEXTS for lowercase in small]
    rows, few = (",\n".join(json.dumps(row) for row in some) for some in (rows, few))
    print(f'{{"large": [\n{rows}],\n"tokens": {json.dumps(SMALL)},\n"small": [\n{few}]}}')


main()
