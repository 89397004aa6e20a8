"""Calls of many messages over gRPC: Triton's client, gRPC's health check and reflection as their own packages speak them, and clients that misbehave."""
import concurrent.futures
import contextlib
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import conftest
import grpc
import numpy as np
import pytest
import tritonclient.grpc as rpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from test_rpc import NAMES, TYPES, numbers, tensors
from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

STREAM = "/inference.GRPCInferenceService/ModelStreamInfer"


@pytest.fixture
def client(served):
    with rpc.InferenceServerClient(served.address) as client:
        yield client


@pytest.fixture
def stub(served):
    with grpc.insecure_channel(served.address) as channel:
        yield service_pb2_grpc.GRPCInferenceServiceStub(channel)


def request(kind="f32", rows=1, start=1, model=None, **more):
    a, b = numbers(kind, rows, start)
    made = service_pb2.ModelInferRequest(model_name=model or f"add-{kind}", raw_input_contents=[a.tobytes(), b.tobytes()], **more)
    for name in "ab":
        made.inputs.add(name=name, datatype=NAMES[kind], shape=[rows, 3])
    return made


def in_flight(served):
    with urllib.request.urlopen(f"http://{served.address}/v1/status", timeout=5) as answer:
        return sum(one["inFlight"] + one["queued"] for one in json.load(answer)["models"])


def waits_for(what, seconds=10):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


class Open:
    """A call whose requests are sent one by one, and which stays open until it is told to end."""

    def __init__(self, stub, timeout=None, metadata=None):
        self.requests, self.asked = queue.Queue(), 0
        self.answers = stub.ModelStreamInfer(self.each(), timeout=timeout, metadata=metadata)

    def each(self):
        while (one := self.requests.get()) is not None:
            self.asked += 1
            yield one

    def send(self, *requests):
        for one in requests:
            self.requests.put(one)

    def end(self):
        self.requests.put(None)


@pytest.mark.parametrize("kind", TYPES)
def test_tritons_client(client, kind):
    """Answers in the order of the requests, each what a single call gives, and failures among them."""
    found = queue.Queue()
    client.start_stream(lambda result, error: found.put((result, error)))
    known = {}
    for number in range(60):
        values = numbers(kind, 1 + number % 3, number)
        known[number] = client.infer(f"add-{kind}", tensors(kind, *values)).get_response()
        client.async_stream_infer("nothing" if number % 10 == 7 else f"add-{kind}", tensors(kind, *values), request_id=str(number))
    for number in range(60):
        result, error = found.get(timeout=20)
        if number % 10 == 7:
            assert result is None and "there is no model 'nothing'" in str(error)
            continue
        response = result.get_response()
        assert error is None and response.id == str(number) and response.parameters["triton_final_response"].bool_param
        assert list(response.raw_output_contents) == list(known[number].raw_output_contents)
        assert [(one.name, one.datatype, one.shape) for one in response.outputs] == [
            (one.name, one.datatype, one.shape) for one in known[number].outputs]
    client.stop_stream()
    assert found.empty()


def test_failures_keep_the_call(stub):
    """Each failure names its request, and what comes behind it is answered."""
    wrong = request(id="shape")
    wrong.inputs[0].shape[:] = [9, 9]
    damaged = service_pb2.ModelInferRequest(model_name="add-f32", id="none")
    late = request(id="late", rows=4)
    late.parameters["timeout"].int64_param = 1
    sequence = request(id="sequence")
    sequence.parameters["sequence_id"].int64_param = 3
    answers = list(stub.ModelStreamInfer(iter([request(id="1"), wrong, damaged, late, sequence, request(id="2", model="broken"), request(id="3")])))
    assert [one.infer_response.id for one in answers] == ["1", "shape", "none", "late", "sequence", "2", "3"]
    assert [bool(one.error_message) for one in answers] == [False, True, True, True, True, True, False]
    for one, word in zip(answers[1:5], ("[9, 9]", "'a' is missing", "deadline", "keep nothing")):
        assert word in one.error_message, one.error_message


def test_answers_come_while_the_call_is_open_and_after_half_close(stub):
    call = Open(stub)
    for number in range(20):
        call.send(request(start=number, id=str(number)))
        assert next(call.answers).infer_response.id == str(number)
    call.send(*[request(start=number, id=str(number)) for number in range(20, 40)])
    call.end()
    assert [one.infer_response.id for one in call.answers] == [str(number) for number in range(20, 40)]
    assert call.answers.code() == grpc.StatusCode.OK
    empty = stub.ModelStreamInfer(iter([]))
    assert list(empty) == [] and empty.code() == grpc.StatusCode.OK


def test_a_hundred_at_once(stub):
    """As many as a connection may have, on one: none waits for another, and none gets another's answers."""
    calls = [Open(stub) for _ in range(100)]
    for number, call in enumerate(calls):
        call.send(*[request("i32", 1, number * 10 + turn, id=f"{number} {turn}") for turn in range(5)])
    known = {}
    for number, call in reversed(list(enumerate(calls))):
        for turn in range(5):
            found = next(call.answers).infer_response
            assert found.id == f"{number} {turn}"
            known[number, turn] = found.raw_output_contents[0]
    for number, call in enumerate(calls):
        call.end()
        assert list(call.answers) == []
    single = stub.ModelInfer(request("i32", 1, 554)).raw_output_contents[0]
    assert known[55, 4] == single and len(set(known.values())) > 400


def test_many_clients_each_with_many_requests(served):
    def ask(seed):
        with grpc.insecure_channel(served.address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
            sent = [request("i32", 1 + (seed + number) % 4, seed * 1000 + number, id=str(number)) for number in range(150)]
            found = list(stub.ModelStreamInfer(iter(sent)))
            assert [one.infer_response.id for one in found] == [one.id for one in sent]
            assert not any(one.error_message for one in found), [one.error_message for one in found if one.error_message][:3]
            for one, asked in zip(found, sent):
                a, b = (np.frombuffer(raw, np.int32) for raw in asked.raw_input_contents)
                assert any(np.array_equal(np.frombuffer(raw, np.int32), a + b) for raw in one.infer_response.raw_output_contents)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))


def test_cancelled_in_the_middle(served, stub):
    for _ in range(10):
        call = Open(stub)
        call.send(*[request(rows=2000, id=str(number)) for number in range(200)])
        for _ in range(3):
            next(call.answers)
        call.answers.cancel()
        call.end()
        with pytest.raises(grpc.RpcError) as caught:
            list(call.answers)
        assert caught.value.code() == grpc.StatusCode.CANCELLED
        assert stub.ModelInfer(request()).raw_output_contents
    waits_for(lambda: in_flight(served) == 0)


def test_clients_that_vanish(served):
    """A process that is killed in the middle leaves nothing behind."""
    program = "import sys, grpc, test_rpc_streams as t\nchannel = grpc.insecure_channel(sys.argv[1])\nstub = t.service_pb2_grpc.GRPCInferenceServiceStub(channel)\n" \
        "call = t.Open(stub)\ncall.send(*[t.request(rows=2000) for _ in range(500)])\nnext(call.answers)\nprint('one', flush=True)\nimport time; time.sleep(60)\n"
    for _ in range(2):
        child = subprocess.Popen(
            [sys.executable, "-B", "-c", program, served.address], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=os.path.dirname(__file__))
        assert child.stdout.readline() == b"one\n"
        child.kill()
        child.wait()
    waits_for(lambda: in_flight(served) == 0)


def test_deadline_of_a_call(stub):
    began = time.monotonic()
    call = Open(stub, timeout=0.5)
    call.send(request(id="1"))
    assert next(call.answers).infer_response.id == "1"
    with pytest.raises(grpc.RpcError) as caught:
        next(call.answers)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED and 0.3 < time.monotonic() - began < 5
    call.end()


class Frames:
    """A call spoken frame by frame, as no client of gRPC would: on a connection of its own, open until it is told to end."""

    def __init__(self, served, path, *headers):
        self.socket, self.unread = socket.create_connection(("127.0.0.1", served.port), 20), b""
        plain = [(":method", "POST"), (":scheme", "http"), (":authority", "localhost"), (":path", path), ("content-type", "application/grpc"), *headers]
        block = b"".join(b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode() for name, value in plain)
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + self.frame(4, 0, 0) + self.frame(1, 4, 1, block))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @staticmethod
    def frame(kind, flags, stream, payload=b""):
        return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload

    def send(self, data, last=False):
        self.socket.sendall(self.frame(0, 1 if last else 0, 1, data))

    def take(self, count):
        while len(self.unread) < count:
            part = self.socket.recv(1 << 16)
            assert part, "the connection was closed"
            self.unread += part
        part, self.unread = self.unread[:count], self.unread[count:]
        return part

    def rest(self):
        """What the answer's body was, and the status that its trailers told."""
        data = b""
        while True:
            head = self.take(9)
            payload = self.take(int.from_bytes(head[:3], "big"))
            assert head[3] != 3, payload
            if head[3] == 0:
                data += payload
            if head[3] == 1 and head[4] & 1:
                # As HPACK writes grpc-status, and behind it how many digits there are.
                place = payload.index(bytes.fromhex("889acac8b21234da8f")) + 9
                return data, int(payload[place + 1:place + 1 + payload[place]])


def framed(message, flag=0):
    return bytes([flag]) + len(message).to_bytes(4, "big") + message


def test_the_server_keeps_deadlines_itself(served):
    for path in (STREAM, "/grpc.health.v1.Health/Watch", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"):
        with Frames(served, path, ("grpc-timeout", "300m")) as call:
            began = time.monotonic()
            if path.endswith("Watch"):
                call.send(framed(b""), last=True)
            assert call.rest()[1] == 4 and 0.1 < time.monotonic() - began < 5
    with Frames(served, STREAM, ("grpc-timeout", "99999999H")) as call:
        call.send(b"", last=True)
        assert call.rest()[1] == 0
    with Frames(served, STREAM, ("grpc-timeout", "soon")) as call:
        assert call.rest()[1] == 3


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("sent, status", [(framed(b"\x0a\x01m", flag=1), 12), (b"\x00\xff\xff\xff\xff", 8)])
def test_what_is_no_message_ends_the_call(served, sent, status, last):
    with Frames(served, STREAM) as call:
        call.send(framed(request(id="1").SerializeToString()))
        time.sleep(0.2)
        call.send(sent, last)
        assert call.rest()[1] == status


@pytest.mark.parametrize("sent", [framed(b"\x0a\x01m")[:-1], b"\x00\x00"])
def test_a_message_that_is_cut_off_ends_the_call(served, sent):
    with Frames(served, STREAM) as call:
        call.send(sent, last=True)
        assert call.rest()[1] == 3


def test_compressed_messages_are_refused(stub):
    call = stub.ModelStreamInfer(iter([request(id="x" * 3000)]), compression=grpc.Compression.Gzip)
    with pytest.raises(grpc.RpcError) as caught:
        list(call)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED and "compressed" in caught.value.details()


def test_a_damaged_message_keeps_the_call(served):
    with Frames(served, STREAM) as call:
        for byte in framed(b"\x0a") + framed(request(id="1").SerializeToString()):
            call.send(bytes([byte]))
        call.send(b"", last=True)
        out, status = call.rest()
        first = int.from_bytes(out[1:5], "big")
        broken, whole = (service_pb2.ModelStreamInferResponse.FromString(part) for part in (out[5:5 + first], out[10 + first:]))
        assert "damaged" in broken.error_message and whole.infer_response.id == "1" and status == 0


def resident(served):
    """Bytes in memory of the server and of what it started."""
    def of(number):
        with open(f"/proc/{number}/statm") as file:
            own = int(file.read().split()[1]) * 4096
        with open(f"/proc/{number}/task/{number}/children") as file:
            return own + sum(of(int(child)) for child in file.read().split())

    return of(served.process.pid)


def test_a_client_that_does_not_read_waits(served, stub):
    """It is not taken from beyond a bound, others go on, and once it reads it gets every answer."""
    count, rows = 1200, 300
    stub.ModelInfer(request(rows=rows))
    call, one = Open(stub), request(rows=rows)
    before = resident(served)
    call.send(*[request(rows=rows, id=str(number)) if number in (0, count - 1) else one for number in range(count)])
    call.end()
    asked = -1
    while call.asked != asked:
        asked = call.asked
        time.sleep(1)
    assert asked < count / 2
    assert resident(served) - before < 64 << 20
    for _ in range(5):
        assert stub.ModelInfer(request("i32")).raw_output_contents
    found = list(call.answers)
    assert len(found) == count and found[0].infer_response.id == "0" and found[-1].infer_response.id == str(count - 1)
    assert not any(answer.error_message for answer in found)


def test_who_floods_takes_nothing_from_others(served, stub):
    """Their queue's half is full all the time, and they wait there; single requests of others go on."""
    stop = threading.Event()

    def flood(rows):
        def each():
            one = request(rows=rows)
            while not stop.is_set():
                yield one

        with grpc.insecure_channel(served.address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            answers = service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelStreamInfer(each())
            return [answer.error_message for answer in answers]

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        floods = [pool.submit(flood, rows) for rows in (3, 40, 200)]
        time.sleep(0.5)
        took = []
        for number in range(50):
            began = time.monotonic()
            assert stub.ModelInfer(request("i32", 1, number)).raw_output_contents
            took.append(time.monotonic() - began)
        stop.set()
        for one in floods:
            answers = one.result(120)
            assert len(answers) > 10 and not any(answers), set(answers)
    assert sorted(took)[len(took) // 2] < 2


@pytest.fixture
def guarded(ridley, tmp_path):
    """A server that asks for keys, and a way to make them."""
    os.makedirs(tmp_path / "models")
    conftest.version(str(tmp_path / "models"), "add-f32", 1, "arithmetic-f32.onnx")
    keys = str(tmp_path / "keys.json")

    def key(*words):
        made = subprocess.run(
            [ridley, "key", "create", "--client", "acme", "--keys", keys, "--json", *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)
        return json.loads(made.stdout)

    key("--scope", "read")
    served = conftest.Served(ridley, str(tmp_path), "--keys", keys)
    yield served, key, keys
    assert served.stop() == 0, served.told()


def test_keys(ridley, guarded):
    served, key, keys = guarded
    reads, infers, limited = key("--scope", "read"), key("--scope", "infer"), key("--scope", "infer", "--rate", "5/h")
    waits_for(lambda: try_key(served, limited["key"], 0)[1] == grpc.StatusCode.OK)
    assert try_key(served, None, 1)[1] == grpc.StatusCode.UNAUTHENTICATED
    assert try_key(served, "rk_wrong", 1)[1] == grpc.StatusCode.UNAUTHENTICATED
    assert try_key(served, reads["key"], 1)[1] == grpc.StatusCode.PERMISSION_DENIED
    found, code = try_key(served, limited["key"], 8)
    refused = [one.error_message for one in found if one.error_message]
    assert code == grpc.StatusCode.OK and 3 <= len(refused) <= 5 and "may be used" in refused[0], refused
    with grpc.insecure_channel(served.address) as channel:
        call = Open(service_pb2_grpc.GRPCInferenceServiceStub(channel), metadata=[("authorization", f"Bearer {infers['key']}")])
        call.send(request(id="1"))
        assert next(call.answers).infer_response.id == "1"
        subprocess.run([ridley, "key", "revoke", infers["id"], "--keys", keys], check=True, stdin=subprocess.DEVNULL, capture_output=True)
        end = time.monotonic() + 20
        with pytest.raises(grpc.RpcError) as caught:
            while time.monotonic() < end:
                call.send(request())
                next(call.answers)
                time.sleep(0.1)
        assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
        call.end()


def try_key(served, key, count):
    """The answers to so many messages, and how the call ended."""
    with grpc.insecure_channel(served.address) as channel:
        metadata = [("authorization", f"Bearer {key}")] if key else None
        call = service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelStreamInfer(iter([request()] * count), metadata=metadata)
        found = []
        with contextlib.suppress(grpc.RpcError):
            for one in call:
                found.append(one)
        return found, call.code()


def test_health_is_watched(served):
    with grpc.insecure_channel(served.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        known = stub.Watch(health_pb2.HealthCheckRequest(service="inference.GRPCInferenceService"))
        unknown = stub.Watch(health_pb2.HealthCheckRequest(service="abc"))
        assert next(known).status == health_pb2.HealthCheckResponse.SERVING
        assert next(unknown).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
        for call in (known, unknown):
            call.cancel()
        assert stub.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.SERVING


def test_health_tells_of_the_end(ridley, tmp_path):
    """Watchers, and calls that are open, are told that the server ends; what was asked is answered before."""
    os.makedirs(tmp_path / "models")
    conftest.version(str(tmp_path / "models"), "add-f32", 1, "arithmetic-f32.onnx")
    served = conftest.Served(ridley, str(tmp_path))
    with grpc.insecure_channel(served.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        call = Open(service_pb2_grpc.GRPCInferenceServiceStub(channel))
        call.send(request(id="1"))
        assert next(call.answers).infer_response.id == "1"
        began = time.monotonic()
        served.process.terminate()
        for one in (watch, call.answers):
            with pytest.raises(grpc.RpcError) as caught:
                next(one)
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE and "server ends" in caught.value.details(), caught.value
        call.end()
        assert served.process.wait(20) == 0 and time.monotonic() - began < 10


def test_reflection(served):
    with grpc.insecure_channel(served.address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert sorted(database.get_services()) == [
            "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "inference.GRPCInferenceService"]
        pool = DescriptorPool(database)
        service = pool.FindServiceByName("inference.GRPCInferenceService")
        official = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"]
        for method in service.methods:
            other = official.methods_by_name[method.name]
            assert (method.input_type.full_name, method.output_type.full_name, method.client_streaming, method.server_streaming) == (
                other.input_type.full_name, other.output_type.full_name, other.client_streaming, other.server_streaming)
        for file, packages in ((service.file, (service_pb2, model_config_pb2)),
                               (pool.FindServiceByName("grpc.health.v1.Health").file, (health_pb2,)),
                               (pool.FindServiceByName("grpc.reflection.v1alpha.ServerReflection").file, (reflection_pb2,))):
            known = {name: one for package in packages for name, one in package.DESCRIPTOR.message_types_by_name.items()}
            for name, message in file.message_types_by_name.items():
                same_fields(message, known[name])
            values = {one.name: one.number for package in packages for kind in package.DESCRIPTOR.enum_types_by_name.values() for one in kind.values}
            for kind in file.enum_types_by_name.values():
                assert {one.name: values[one.name] for one in kind.values} == {one.name: one.number for one in kind.values}
        again = pool.FindServiceByName("grpc.reflection.v1.ServerReflection")
        assert again.methods[0].client_streaming and again.methods[0].server_streaming
        with pytest.raises(KeyError):
            pool.FindMessageTypeByName("inference.Nothing")


def same_fields(message, official):
    """Whatever is described here is so in the protocol's own description."""
    for field in message.fields:
        other = official.fields_by_name[field.name]
        kind = lambda one: one.message_type.full_name if one.message_type else one.enum_type.full_name if one.enum_type else one.type  # noqa: E731
        assert (field.number, field.is_repeated, kind(field)) == (other.number, other.is_repeated, kind(other)), field.full_name
        assert (field.containing_oneof and field.containing_oneof.name) == (other.containing_oneof and other.containing_oneof.name)
    for nested in message.nested_types:
        same_fields(nested, official.nested_types_by_name[nested.name])


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_of_both_versions(served, version):
    ask = reflection_pb2.ServerReflectionRequest
    questions = [ask(host="h", list_services="*"), ask(file_containing_symbol="inference.ModelInferRequest"), ask(file_by_filename="no.proto"), ask()]
    with grpc.insecure_channel(served.address) as channel:
        call = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo", ask.SerializeToString, reflection_pb2.ServerReflectionResponse.FromString)
        found = list(call(iter(questions)))
    assert [one.original_request for one in found] == questions and found[0].valid_host == "h"
    assert len(found[0].list_services_response.service) == 4 and len(found[1].file_descriptor_response.file_descriptor_proto) == 1
    assert [one.error_response.error_code for one in found[2:]] == [5, 3]


@pytest.mark.skipif(shutil.which("protoc") is None, reason="protoc is not here: install Debian's protobuf-compiler")
def test_descriptors_are_those_of_the_files():
    checkout = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    made = subprocess.run([os.path.join(checkout, "Sources/OpenInference/Protocols/make-descriptors"), "--check"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


def test_plain_http_is_told_so(served):
    for path in (STREAM, "/grpc.health.v1.Health/Watch", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"http://{served.address}{path}", b"{}", timeout=5)
        assert caught.value.code == 415


def test_one_message_too_many_for_a_watch(served):
    with grpc.insecure_channel(served.address) as channel:
        watch = channel.unary_stream("/grpc.health.v1.Health/Watch", lambda raw: raw, lambda raw: raw)
        with pytest.raises(grpc.RpcError) as caught:
            next(watch(b"\x0b"))
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_tritons_client_gives_up(client):
    found = queue.Queue()
    client.start_stream(lambda result, error: found.put((result, error)))
    client.async_stream_infer("add-f32", tensors("f32", *numbers("f32", 4000)))
    client.stop_stream(cancel_requests=True)
    while not found.empty():
        result, error = found.get()
        assert result is not None or isinstance(error, InferenceServerException)
    assert client.infer("add-f32", tensors("f32", *numbers("f32"))) is not None
