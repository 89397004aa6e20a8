"""The one function that every network file in this folder computes, in numpy.

    [n,3,32,32] -> conv 3x3, stride 2, padding 1, 8 channels -> relu -> mean over the picture -> 4 sums -> softmax
"""

import numpy

random = numpy.random.RandomState(7)  # its numbers are the same in every version of numpy
CONV = (random.randn(8, 3, 3, 3) * (2 / 27) ** 0.5).astype("f4")
CONV_BIAS = (random.randn(8) * 0.1).astype("f4")
# Means over a picture differ little, so the last layer is twice as steep as its fan-in asks for.
SUMS = (random.randn(8, 4) * 2 * (1 / 8) ** 0.5 * 2).astype("f4")
SUMS_BIAS = (random.randn(4) * 0.1).astype("f4")


def picture(number, width=32, height=32):
    """Bytes of picture 0 or 1, [height, width, 3]; FormatTests.swift has the same formula."""
    y, x, c = numpy.mgrid[0:height, 0:width, 0:3]
    return ((x * 8 + y * 3 + c * 40) if number == 0 else (x * y // 16 + c * 90)).astype("i8") % 256


def tensor(number, width=32, height=32):
    """The same as floats from -1 to 1, [1, 3, height, width]."""
    values = (picture(number, width, height).astype("f4") - 127.5) / 127.5
    return values.transpose(2, 0, 1)[None].astype("f4")


def write_expected(name, rows):
    with open(name, "w") as file:
        for row in rows:
            file.write(" ".join(f"{value:.6f}" for value in numpy.ravel(row)) + "\n")


def check(name, found, expected_file="expected.txt"):
    expected = numpy.loadtxt(expected_file).reshape(-1, 4)
    worst = numpy.abs(numpy.concatenate(found).reshape(-1, 4) - expected).max()
    print(f"{name}: off by {worst:.1e}")
    assert worst < 2e-6, name
