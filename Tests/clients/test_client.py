"""The public Triton client, as it is, against `ridley serve`."""
import asyncio
import concurrent.futures
import json
from http.client import HTTPConnection

import numpy as np
import pytest
import tritonclient.http as http
import tritonclient.http.aio as aio
from tritonclient.utils import InferenceServerException

TYPES = {"f32": np.float32, "f16": np.float16, "u8": np.uint8, "i8": np.int8, "i32": np.int32, "i64": np.int64}
NAMES = {"f32": "FP32", "f16": "FP16", "u8": "UINT8", "i8": "INT8", "i32": "INT32", "i64": "INT64"}


def tensor(name, values, binary=True, datatype=None):
    names = {np.dtype(TYPES[kind]): NAMES[kind] for kind in TYPES}
    found = http.InferInput(name, list(values.shape), datatype or names[values.dtype])
    found.set_data_from_numpy(values, binary_data=binary)
    return found


def numbers(kind, rows=1, start=1):
    a = np.arange(start, start + rows * 3).reshape(rows, 3)
    return a.astype(TYPES[kind]), (a % 5 + 2).astype(TYPES[kind])


def refused(call, *words, status=None):
    """The client's exception, with all of these words in its message."""
    with pytest.raises(InferenceServerException) as caught:
        call()
    message = caught.value.message() or ""
    assert all(word in message for word in words), message
    assert status is None or str(caught.value.status()) == str(status), (caught.value.status(), message)
    return message


# What there is


def test_server(triton):
    assert triton.is_server_live() and triton.is_server_ready()
    told = triton.get_server_metadata()
    assert told["name"] == "ridley" and told["version"]
    wanted = {"binary_tensor_data", "classification", "model_repository", "statistics", "model_configuration"}
    assert wanted <= set(told["extensions"])


def test_ready_models(triton):
    assert triton.is_model_ready("add-f32") and triton.is_model_ready("add-f32", "1") and triton.is_model_ready("add-f32", "2")
    assert not triton.is_model_ready("add-f32", "3")
    assert not triton.is_model_ready("broken") and not triton.is_model_ready("nothing")


@pytest.mark.parametrize("kind", TYPES)
def test_metadata(triton, kind):
    told = triton.get_model_metadata(f"add-{kind}")
    assert told["name"] == f"add-{kind}" and told["platform"] and "1" in told["versions"]
    assert told["inputs"] == [{"name": name, "datatype": NAMES[kind], "shape": [-1, 3]} for name in "ab"]
    assert told["outputs"] == [{"name": name, "datatype": NAMES[kind], "shape": [-1, 3]} for name in ("sum", "product")]


def test_metadata_of_pictures(triton):
    told = triton.get_model_metadata("pictures", "1")
    assert told["inputs"] == [{"name": "nchw", "datatype": "UINT8", "shape": [-1, 32, 32, 3]}]
    assert told["outputs"] == [{"name": "scores", "datatype": "FP32", "shape": [-1, 4]}]
    assert triton.get_model_metadata("add-f32")["versions"] == ["1", "2"]


def test_config(triton):
    told = triton.get_model_config("add-f32")
    assert told["name"] == "add-f32" and told["max_batch_size"] >= 0
    assert [(each["name"], each["data_type"]) for each in told["input"]] == [("a", "TYPE_FP32"), ("b", "TYPE_FP32")]
    assert [each["name"] for each in told["output"]] == ["sum", "product"]


def test_unknown(triton):
    refused(lambda: triton.get_model_metadata("clases"), "classes", status=404)
    refused(lambda: triton.get_model_metadata("add-f32", "9"), "9", status=404)
    refused(lambda: triton.get_model_config("nothing"), "nothing", status=404)
    refused(lambda: triton.get_inference_statistics("nothing"), "nothing", status=404)


# Inference


# The client has no form of FP16 but binary.
WAYS = [
    (kind, binary_in, binary_out) for kind in TYPES for binary_in in (True, False) for binary_out in (True, False)
    if kind != "f16" or (binary_in and binary_out)]


@pytest.mark.parametrize("kind, binary_in, binary_out", WAYS)
def test_infer(triton, kind, binary_in, binary_out):
    a, b = numbers(kind, 4)
    wanted = [http.InferRequestedOutput(name, binary_data=binary_out) for name in ("product", "sum")]
    found = triton.infer(f"add-{kind}", [tensor("a", a, binary_in), tensor("b", b, binary_in)], outputs=wanted)
    assert np.array_equal(found.as_numpy("sum"), a + b) and np.array_equal(found.as_numpy("product"), a * b)
    assert found.as_numpy("sum").dtype == TYPES[kind]
    assert [each["name"] for each in found.get_response()["outputs"]] == ["product", "sum"]
    assert found.get_response()["model_name"] == f"add-{kind}"


def test_mixed(triton):
    a, b = numbers("f32")
    for first, second in [(True, False), (False, True)]:
        wanted = [http.InferRequestedOutput("sum", binary_data=first), http.InferRequestedOutput("product", binary_data=second)]
        found = triton.infer("add-f32", [tensor("a", a, first), tensor("b", b, second)], outputs=wanted)
        assert np.array_equal(found.as_numpy("sum"), a + b) and np.array_equal(found.as_numpy("product"), a * b)


def test_order_of_inputs_does_not_matter(triton):
    a, b = numbers("f32", 2)
    for binary in (True, False):
        found = triton.infer("add-f32", [tensor("b", b, binary), tensor("a", a - 9, binary)])
        assert np.array_equal(found.as_numpy("product"), (a - 9) * b) and np.array_equal(found.as_numpy("sum"), a - 9 + b)


def test_one_output(triton):
    a, b = numbers("f32")
    found = triton.infer("add-f32", [tensor("a", a), tensor("b", b)], outputs=[http.InferRequestedOutput("sum")])
    assert found.as_numpy("product") is None and np.array_equal(found.as_numpy("sum"), a + b)


def test_versions(triton):
    a, b = numbers("f32")
    for asked, answered in {"1": "1", "2": "2", "": "2"}.items():
        found = triton.infer("add-f32", [tensor("a", a), tensor("b", b)], model_version=asked)
        assert found.get_response()["model_version"] == answered


def test_request_id(triton):
    a, b = numbers("f32")
    for text in ("7", "ein Name – mit \"Zeichen\""):
        found = triton.infer("add-f32", [tensor("a", a), tensor("b", b)], request_id=text)
        assert found.get_response()["id"] == text
    assert "id" not in triton.infer("add-f32", [tensor("a", a), tensor("b", b)]).get_response()


def picture(seed):
    return np.random.default_rng(seed).integers(0, 256, (1, 32, 32, 3), np.uint8)


def test_bytes_and_floats_of_a_picture_get_the_same(triton):
    pixels = picture(1)
    floats = ((pixels.astype(np.float32) - 127.5) / 127.5).transpose(0, 3, 1, 2).copy()
    one = triton.infer("pictures", [tensor("nchw", pixels)]).as_numpy("scores")
    two = triton.infer("classes", [tensor("nchw", floats)]).as_numpy("scores")
    three = triton.infer("pictures", [tensor("nchw", pixels, binary=False)]).as_numpy("scores")
    assert np.allclose(one, two, atol=1e-5) and np.array_equal(one, three) and one.shape == (1, 4)
    assert not np.allclose(one, triton.infer("pictures", [tensor("nchw", picture(2))]).as_numpy("scores"), atol=1e-5)


@pytest.mark.parametrize("binary", [True, False])
def test_classification(triton, binary):
    pictures = np.concatenate([picture(1), picture(2)])
    scores = triton.infer("pictures", [tensor("nchw", pictures)]).as_numpy("scores")
    wanted = [http.InferRequestedOutput("scores", binary_data=binary, class_count=2)]
    found = triton.infer("pictures", [tensor("nchw", pictures)], outputs=wanted).as_numpy("scores")
    assert found.shape == (2, 2)
    for row, texts in zip(scores, found):
        for place, text in enumerate(texts):
            score, index, label = (text.decode() if isinstance(text, bytes) else text).split(":")
            assert int(index) == np.argsort(-row)[place] and abs(float(score) - row[int(index)]) < 1e-4
            assert label == ["north", "east", "south", "west"][int(index)]


def test_classes_without_labels(triton):
    floats = np.random.default_rng(3).random((1, 3, 32, 32), np.float32)
    wanted = [http.InferRequestedOutput("scores", class_count=9)]
    found = triton.infer("classes", [tensor("nchw", floats)], outputs=wanted).as_numpy("scores")
    assert found.shape == (1, 4) and all(len(text.split(b":")) == 2 for text in found[0])


def test_many_at_once(triton, served):
    def ask(number):
        a, b = numbers("f32", number % 3 + 1, number)
        with http.InferenceServerClient(served.address) as own:
            return np.array_equal(own.infer("add-f32", [tensor("a", a), tensor("b", b)]).as_numpy("sum"), a + b)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(200)))
    a, b = numbers("f32")
    waiting = [triton.async_infer("add-f32", [tensor("a", a + k), tensor("b", b)]) for k in range(40)]
    assert all(np.array_equal(each.get_result().as_numpy("sum"), a + k + b) for k, each in enumerate(waiting))


def test_asyncio(served):
    async def run():
        async with aio.InferenceServerClient(served.address) as own:
            assert await own.is_server_ready() and await own.is_model_ready("add-f32")
            assert (await own.get_model_metadata("add-f32"))["name"] == "add-f32"

            async def ask(number):
                a, b = numbers("f32", 2, number)
                found = await own.infer("add-f32", [tensor("a", a), tensor("b", b, binary=number % 2 == 0)])
                return np.array_equal(found.as_numpy("sum"), a + b) and np.array_equal(found.as_numpy("product"), a * b)

            assert all(await asyncio.gather(*map(ask, range(50))))
            with pytest.raises(InferenceServerException):
                await own.infer("add-f32", [])

    asyncio.run(run())


# What is refused


def test_wrong_shape(triton):
    a, b = numbers("f32")
    wide = np.ones((1, 4), np.float32)
    for binary in (True, False):
        refused(lambda: triton.infer("add-f32", [tensor("a", wide, binary), tensor("b", b)]), "'a'", "3", "4", status=400)
    refused(lambda: triton.infer("add-f32", [tensor("a", a[0]), tensor("b", b)]), "'a'", status=400)
    refused(lambda: triton.infer("add-f32", [tensor("a", a.repeat(2, 0)), tensor("b", b)]), "rows", status=400)


def test_wrong_name(triton):
    a, b = numbers("f32")
    refused(lambda: triton.infer("add-f32", [tensor("a", a), tensor("c", b)]), "'c'", "a", "b", status=400)
    refused(lambda: triton.infer("add-f32", [tensor("a", a)]), "b", "missing", status=400)
    refused(lambda: triton.infer("add-f32", [tensor("a", a), tensor("a", a), tensor("b", b)]), "'a'", "twice", status=400)
    wanted = [http.InferRequestedOutput("summ")]
    refused(lambda: triton.infer("add-f32", [tensor("a", a), tensor("b", b)], outputs=wanted), "summ", "sum", status=400)
    refused(lambda: triton.infer("clases", [tensor("a", a), tensor("b", b)]), "classes", status=404)
    refused(lambda: triton.infer("add-f32", [tensor("a", a), tensor("b", b)], model_version="7"), "7", status=404)


def test_wrong_type(triton):
    a, b = numbers("f32")
    refused(lambda: triton.infer("add-f32", [tensor("a", a.astype(np.int32)), tensor("b", b)]), "FP32", "INT32", status=400)
    words = http.InferInput("a", [1, 3], "BYTES")
    words.set_data_from_numpy(np.array([["x", "y", "z"]], dtype=object))
    message = refused(lambda: triton.infer("add-f32", [words, tensor("b", b)]), "BYTES")
    assert "FP32" in message or "not" in message


def test_one_bad_request_fails_alone(triton):
    a, b = numbers("f32")
    bad = [tensor("a", a.repeat(2, 0)), tensor("b", b)]
    waiting = [triton.async_infer("add-f32", bad if k % 3 == 0 else [tensor("a", a + k), tensor("b", b)]) for k in range(30)]
    for k, each in enumerate(waiting):
        if k % 3 == 0:
            refused(each.get_result, "rows", status=400)
        else:
            assert np.array_equal(each.get_result().as_numpy("sum"), a + k + b)


def test_deadline(triton):
    a, b = numbers("f32")
    refused(lambda: triton.infer("add-f32", [tensor("a", a), tensor("b", b)], timeout=1), status=504)
    assert triton.infer("add-f32", [tensor("a", a), tensor("b", b)], timeout=20_000_000)


def post(served, path, body, **headers):
    connection = HTTPConnection(served.address, timeout=10)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    status, text = answer.status, answer.read()
    connection.close()
    return status, text


def body(**first):
    """A request as JSON whose first input is not as it should be."""
    a = {"name": "a", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]} | first
    a = {key: value for key, value in a.items() if value is not None}
    return json.dumps({"inputs": [a, {"name": "b", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}).encode()


ABSENT = body(data=None, parameters={"binary_data_size": 12})
LENGTH = "Inference-Header-Content-Length"
# Bodies and, where it is told, how many bytes of them are JSON.
RAGGED = {
    "no JSON": (b"{", None),
    "no object": (b"[]", None),
    "no inputs": (b"{}", None),
    "too few numbers": (body(data=[1, 2]), None),
    "a text among numbers": (body(data=[1, "2", 3]), None),
    "a shape that overflows": (body(shape=[1 << 62, 4], data=[]), None),
    "a negative shape": (body(shape=[-1, 3]), None),
    "no such type": (body(datatype="FP31"), None),
    "more JSON than there is": (b"{}", "99"),
    "JSON of no number of bytes": (b"{}", "all"),
    "binary data that is not there": (ABSENT, str(len(ABSENT))),
}


@pytest.mark.parametrize("what", RAGGED)
def test_ragged_requests(served, what):
    sent, length = RAGGED[what]
    status, text = post(served, "/v2/models/add-f32/infer", sent, **({LENGTH: length} if length else {}))
    assert status == 400 and isinstance(json.loads(text)["error"], str) and len(json.loads(text)) == 1, (status, text)


def test_compressed_bodies(triton):
    a, b = numbers("f32")
    inputs = [tensor("a", a), tensor("b", b)]
    refused(lambda: triton.infer("add-f32", inputs, request_compression_algorithm="gzip"), status=415)
    found = triton.infer("add-f32", inputs, response_compression_algorithm="gzip")
    assert np.array_equal(found.as_numpy("sum"), a + b)


# The repository


def test_index(triton):
    told = {(each["name"], each["version"]): each for each in triton.get_model_repository_index()}
    assert told["add-f32", "1"]["state"] == "READY" and told["add-f32", "2"]["state"] == "READY"
    assert told["broken", "1"]["state"] == "UNAVAILABLE" and told["broken", "1"]["reason"]
    a, b = numbers("f32")
    refused(lambda: triton.infer("broken", [tensor("a", a), tensor("b", b)]), "broken", status=503)


def test_load_and_unload(triton):
    inputs = [tensor("a", numbers("i8")[0]), tensor("b", numbers("i8")[1])]
    assert triton.infer("add-i8", inputs)
    triton.unload_model("add-i8")
    assert not triton.is_model_ready("add-i8")
    told = {each["name"]: each for each in triton.get_model_repository_index()}
    assert told["add-i8"]["state"] == "UNAVAILABLE" and told["add-i8"]["reason"] == "unloaded"
    refused(lambda: triton.infer("add-i8", inputs), "add-i8", status=503)
    triton.load_model("add-i8")
    assert triton.is_model_ready("add-i8") and triton.infer("add-i8", inputs)
    triton.load_model("add-i8")
    assert triton.infer("add-i8", inputs)
    refused(lambda: triton.load_model("nothing"), "nothing", status=404)
    refused(lambda: triton.unload_model("nothing"), "nothing", status=404)
    refused(lambda: triton.load_model("broken"), "broken")


def test_statistics(triton):
    def told():
        found = triton.get_inference_statistics("add-i32", "1")["model_stats"]
        assert len(found) == 1 and found[0]["name"] == "add-i32" and found[0]["version"] == "1"
        return found[0]

    inputs = [tensor("a", numbers("i32", 2)[0]), tensor("b", numbers("i32", 2)[1])]
    before = told()
    for _ in range(5):
        triton.infer("add-i32", inputs)
    refused(lambda: triton.infer("add-i32", inputs[:1]))
    after = told()
    rise = lambda key: int(after[key]) - int(before[key])  # noqa: E731
    assert rise("inference_count") == 10 and 5 <= rise("execution_count") <= 10
    good = [told["inference_stats"]["success"] for told in (before, after)]
    assert int(good[1]["count"]) - int(good[0]["count"]) == 5 and int(good[1]["ns"]) > int(good[0]["ns"])
    everything = triton.get_inference_statistics()["model_stats"]
    assert {"add-f32", "pictures"} <= {each["name"] for each in everything}
