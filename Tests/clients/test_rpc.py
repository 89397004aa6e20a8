"""The public Triton client over gRPC, and gRPC's own, against `ridley serve`: the same answers as over HTTP, and gRPC's words for what fails."""
import concurrent.futures
import threading

import grpc
import numpy as np
import pytest
import tritonclient.grpc as rpc
import tritonclient.http as http
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

TYPES = {"f32": np.float32, "f16": np.float16, "u8": np.uint8, "i8": np.int8, "i32": np.int32, "i64": np.int64}
NAMES = {"f32": "FP32", "f16": "FP16", "u8": "UINT8", "i8": "INT8", "i32": "INT32", "i64": "INT64"}
# In which list of a message elements of a type stand.
LISTS = {"f32": "fp32_contents", "u8": "uint_contents", "i8": "int_contents", "i32": "int_contents", "i64": "int64_contents"}


@pytest.fixture(scope="module")
def client(served):
    with rpc.InferenceServerClient(served.address) as client:
        yield client


@pytest.fixture(scope="module")
def stub(served):
    with grpc.insecure_channel(served.address) as channel:
        yield service_pb2_grpc.GRPCInferenceServiceStub(channel)


def numbers(kind, rows=1, start=1):
    a = np.arange(start, start + rows * 3).reshape(rows, 3)
    return a.astype(TYPES[kind]), (a % 5 + 2).astype(TYPES[kind])


def tensors(kind, *values, of=rpc):
    made = []
    for name, value in zip("ab", values):
        made.append(of.InferInput(name, list(value.shape), NAMES[kind]))
        made[-1].set_data_from_numpy(value)
    return made


def refused(call, code, *words):
    with pytest.raises((InferenceServerException, grpc.RpcError)) as caught:
        call()
    told = caught.value
    status = str(told.status() if isinstance(told, InferenceServerException) else told.code())
    message = (told.message() if isinstance(told, InferenceServerException) else told.details()) or ""
    assert status == f"StatusCode.{code}" and all(word in message for word in words), (status, message)


def test_server(client, triton):
    assert client.is_server_live() and client.is_server_ready()
    told, other = client.get_server_metadata(), triton.get_server_metadata()
    assert (told.name, told.version, list(told.extensions)) == (other["name"], other["version"], other["extensions"])


def test_models(client, triton):
    assert client.is_model_ready("add-f32") and client.is_model_ready("add-f32", "2")
    assert not client.is_model_ready("add-f32", "3") and not client.is_model_ready("nothing")
    index = client.get_model_repository_index(as_json=True)["models"]
    assert [{key: one.get(key, "") for key in ("name", "version", "state", "reason")} for one in index] == triton.get_model_repository_index()


@pytest.mark.parametrize("kind", TYPES)
def test_metadata_and_configuration(client, triton, kind):
    told, other = client.get_model_metadata(f"add-{kind}"), triton.get_model_metadata(f"add-{kind}")
    for specs, known in ((told.inputs, other["inputs"]), (told.outputs, other["outputs"])):
        assert [{"name": one.name, "datatype": one.datatype, "shape": list(one.shape)} for one in specs] == known
    config, known = client.get_model_config(f"add-{kind}", as_json=True)["config"], triton.get_model_config(f"add-{kind}")
    assert config["name"] == known["name"] and config.get("max_batch_size", 0) == known["max_batch_size"]
    for side in ("input", "output"):
        assert [(one["name"], one["data_type"], [int(count) for count in one["dims"]]) for one in config[side]] == [
            (one["name"], one["data_type"], one["dims"]) for one in known[side]]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("rows", [1, 5])
def test_same_as_over_http(client, triton, kind, rows):
    values = numbers(kind, rows)
    found = client.infer(f"add-{kind}", tensors(kind, *values), request_id="r 1")
    known = triton.infer(f"add-{kind}", tensors(kind, *values, of=http))
    response = found.get_response()
    assert response.id == "r 1" and response.model_name == f"add-{kind}" and response.outputs
    for output in response.outputs:
        assert np.array_equal(found.as_numpy(output.name), known.as_numpy(output.name)) and output.datatype == NAMES[kind]


@pytest.mark.parametrize("kind", LISTS)
def test_elements_one_by_one(client, stub, kind):
    values = numbers(kind, 4)
    request = service_pb2.ModelInferRequest(model_name=f"add-{kind}")
    for name, value in zip("ab", values):
        tensor = request.inputs.add(name=name, datatype=NAMES[kind], shape=value.shape)
        getattr(tensor.contents, LISTS[kind]).extend(value.flatten().tolist())
    response = stub.ModelInfer(request)
    known = client.infer(f"add-{kind}", tensors(kind, *values)).get_response()
    assert list(response.raw_output_contents) == list(known.raw_output_contents)


def test_classification(client, triton):
    model = triton.get_model_metadata("classes")
    shape = [1 if side < 0 else side for side in model["inputs"][0]["shape"]]
    picture = np.zeros(shape, np.float32)
    wanted = [rpc.InferRequestedOutput(model["outputs"][0]["name"], class_count=2)]
    put = rpc.InferInput(model["inputs"][0]["name"], shape, "FP32")
    put.set_data_from_numpy(picture)
    top = client.infer("classes", [put], outputs=wanted).as_numpy(model["outputs"][0]["name"])
    assert top.size == 2 and all(b":" in one for one in top.flatten())


def test_refusals(client, stub):
    a, b = numbers("f32")
    refused(lambda: client.infer("nothing", tensors("f32", a, b)), "NOT_FOUND", "there is no model 'nothing'")
    refused(lambda: client.infer("add-f32", tensors("f32", a)), "INVALID_ARGUMENT", "'b' is missing")
    refused(lambda: client.infer("add-f32", tensors("f32", a, b[:, :2])), "INVALID_ARGUMENT", "shape")
    refused(lambda: client.infer("add-f32", tensors("f32", a, b), sequence_id=7, sequence_start=True), "UNIMPLEMENTED", "keep nothing")
    refused(lambda: stub.CudaSharedMemoryStatus(service_pb2.CudaSharedMemoryStatusRequest()), "UNIMPLEMENTED", "no method")
    refused(lambda: client.load_model("nothing"), "NOT_FOUND", "nothing")
    refused(lambda: client.load_model("add-f32", config="{}"), "UNIMPLEMENTED", "repository")
    request = service_pb2.ModelInferRequest(model_name="add-f32", id="x" * 3000)
    refused(lambda: stub.ModelInfer(request, compression=grpc.Compression.Gzip), "UNIMPLEMENTED", "compressed")


def test_damaged_messages(served):
    with grpc.insecure_channel(served.address) as channel:
        infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer", lambda raw: raw, lambda raw: raw)
        for raw in (b"\x0a", b"\x0b", b"\x0a\xff\xff\xff\xff\x0f", b"\x00" * 40):
            refused(lambda: infer(raw), "INVALID_ARGUMENT", "damaged")
        refused(lambda: channel.unary_unary("/no.Service/Method")(b""), "UNIMPLEMENTED", "/no.Service/Method")


def test_deadline(client):
    a, b = numbers("f32")
    refused(lambda: client.infer("add-f32", tensors("f32", a, b), timeout=1), "DEADLINE_EXCEEDED", "deadline")
    assert client.infer("add-f32", tensors("f32", a, b), client_timeout=30) is not None


def test_cancelled_calls_leave_others_alone(stub):
    a, b = numbers("f32")
    request = service_pb2.ModelInferRequest(model_name="add-f32", raw_input_contents=[a.tobytes(), b.tobytes()])
    for name in "ab":
        request.inputs.add(name=name, datatype="FP32", shape=[1, 3])
    known = stub.ModelInfer(request).raw_output_contents
    for _ in range(40):
        future = stub.ModelInfer.future(request)
        future.cancel()
        assert stub.ModelInfer(request).raw_output_contents == known


def test_many_at_once_get_their_own_answers(client):
    def ask(start):
        a, b = numbers("i32", 2, start)
        found = client.infer("add-i32", tensors("i32", a, b), request_id=str(start))
        assert found.get_response().id == str(start)
        return np.array_equal(found.as_numpy(found.get_response().outputs[0].name), a + b) or found.as_numpy("sum") is not None

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(200)))


def test_async_client(client):
    a, b = numbers("f32")
    done, found = threading.Event(), []
    client.async_infer("add-f32", tensors("f32", a, b), lambda result, error: (found.append((result, error)), done.set()))
    assert done.wait(20) and found[0][1] is None and found[0][0] is not None


def test_statistics(client):
    a, b = numbers("f32")
    before = client.get_inference_statistics("add-f32").model_stats[0].inference_count
    client.infer("add-f32", tensors("f32", a, b))
    told = client.get_inference_statistics("add-f32").model_stats[0]
    assert told.inference_count == before + 1 and told.inference_stats.success.ns > 0
    assert len(client.get_inference_statistics().model_stats) > 1


def test_health(served):
    with grpc.insecure_channel(served.address) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check", lambda raw: raw, lambda raw: raw)
        name = b"inference.GRPCInferenceService"
        assert check(b"") == b"\x08\x01" and check(b"\x0a" + bytes([len(name)]) + name) == b"\x08\x01"
        refused(lambda: check(b"\x0a\x03abc"), "NOT_FOUND", "abc")
