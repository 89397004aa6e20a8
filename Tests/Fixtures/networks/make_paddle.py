"""Writes paddle.pdmodel, paddle.pdiparams and expected.txt: the answers of Paddle itself to both pictures.

    python3.11 -m venv venv && venv/bin/pip install paddlepaddle==2.6.2 'numpy<2' setuptools
    venv/bin/python make_paddle.py
"""

import pathlib

import function
import paddle


class Function(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.conv = paddle.nn.Conv2D(3, 8, 3, stride=2, padding=1)
        self.sums = paddle.nn.Linear(8, 4)
        for layer, weights, bias in (
            (self.conv, function.CONV, function.CONV_BIAS), (self.sums, function.SUMS, function.SUMS_BIAS)):
            layer.weight.set_value(weights)
            layer.bias.set_value(bias)

    def forward(self, image):
        features = paddle.nn.functional.relu(self.conv(image))
        means = paddle.nn.functional.adaptive_avg_pool2d(features, 1)
        return paddle.nn.functional.softmax(self.sums(paddle.flatten(means, 1)))


network = Function()
network.eval()
paddle.jit.save(network, "paddle", [paddle.static.InputSpec([None, 3, 32, 32], "float32", "image")])
pathlib.Path("paddle.pdiparams.info").unlink()  # for training on

answers = [paddle.jit.load("paddle")(paddle.to_tensor(function.tensor(number))).numpy() for number in (0, 1)]
function.write_expected("expected.txt", answers)

# The file keeps the Python call stack of each operator: paths of this machine that nobody reads.
paddle.enable_static()
file = pathlib.Path("paddle.pdmodel")
program = paddle.static.Program.parse_from_string(file.read_bytes())
for block in program.blocks:
    for operator in block.ops:
        operator.desc.remove_attr("op_callstack")
file.write_bytes(program.desc.serialize_to_string())
