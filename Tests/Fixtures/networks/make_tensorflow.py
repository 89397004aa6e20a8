"""Writes the TensorFlow Lite file, the frozen TensorFlow graph and the SavedModel folder.

    python3.11 -m venv venv && venv/bin/pip install tensorflow-cpu==2.19.0 && venv/bin/python make_tensorflow.py
"""

import pathlib
import shutil

import function
import tensorflow
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2


def scores(image):
    padded = tensorflow.pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]])
    kernel = tensorflow.constant(function.CONV.transpose(2, 3, 1, 0))
    features = tensorflow.nn.relu(
        tensorflow.nn.bias_add(tensorflow.nn.conv2d(padded, kernel, 2, "VALID"), function.CONV_BIAS))
    means = tensorflow.reduce_mean(features, [1, 2])
    return tensorflow.nn.softmax(means @ function.SUMS + function.SUMS_BIAS, name="scores")


class Function(tensorflow.Module):
    @tensorflow.function(input_signature=[tensorflow.TensorSpec([None, 32, 32, 3], tensorflow.float32, "image")])
    def __call__(self, image):
        return {"scores": scores(image)}


pictures = [function.tensor(number).transpose(0, 2, 3, 1) for number in (0, 1)]
network = Function()
concrete = network.__call__.get_concrete_function()
function.check("tensorflow", [network(picture)["scores"].numpy() for picture in pictures])

shutil.rmtree("saved_model", ignore_errors=True)
tensorflow.saved_model.save(network, "saved_model", signatures=concrete)
pathlib.Path("saved_model/fingerprint.pb").unlink()  # differs each time, and nobody reads it

frozen = convert_variables_to_constants_v2(concrete).graph.as_graph_def()
pathlib.Path("frozen.pb").write_bytes(frozen.SerializeToString(deterministic=True))

# An old graph that does not even say how many dimensions its input has.
with tensorflow.Graph().as_default() as graph:
    scores(tensorflow.compat.v1.placeholder(tensorflow.float32, None, "image"))
pathlib.Path("rankless.pb").write_bytes(graph.as_graph_def().SerializeToString(deterministic=True))

pathlib.Path("lite.tflite").write_bytes(tensorflow.lite.TFLiteConverter.from_concrete_functions([concrete], network).convert())
lite = tensorflow.lite.Interpreter("lite.tflite")
lite.allocate_tensors()
answers = []
for picture in pictures:
    lite.set_tensor(lite.get_input_details()[0]["index"], picture)
    lite.invoke()
    answers.append(lite.get_tensor(lite.get_output_details()[0]["index"]))
function.check("lite", answers)
