"""Triton's server as the benches start it: two networks, run by OpenVINO through the backend that bench/servers/triton_openvino.c is."""
import os
import shutil

import ridley_server
import serving


def make(name, networks, backends, hint, instances, grpc_port=None):
    """The server, not started; instances as many as the engine has streams. Speaks gRPC too where a port for it is named."""
    package = os.path.join(serving.VENV, "lib", "python3.11", "site-packages", "pytriton", "tritonserver")
    grpc = ["--allow-grpc", "true", "--grpc-address", "127.0.0.1", "--grpc-port", str(grpc_port)] if grpc_port else ["--allow-grpc", "false"]
    command = [
        os.path.join(package, "bin", "tritonserver"), "--model-repository", repository(networks, hint, instances), "--backend-directory",
        backends, "--http-address", "127.0.0.1", "--http-port", "{port}", *grpc, "--allow-metrics", "false",
        "--pinned-memory-pool-byte-size", "0"]
    return serving.Server(name, command, {"BENCH_CACHE": serving.CACHE, "BENCH_HINT": hint})


def repository(networks, hint, instances):
    """The two networks as Triton's OpenVINO backend would have them."""
    root = os.path.join(serving.FOLDER, "triton", hint.lower())
    for kind, (datatype, shape) in serving.KINDS.items():
        folder = os.path.join(root, ridley_server.MODELS[kind])
        os.makedirs(os.path.join(folder, "1"), exist_ok=True)
        for ending in ("xml", "bin"):
            shutil.copy(f"{networks}/{kind}.{ending}", os.path.join(folder, "1", f"model.{ending}"))
        with open(os.path.join(folder, "config.pbtxt"), "w") as file:
            file.write(f"""backend: "openvino"
max_batch_size: 0
input [{{ name: "image" data_type: TYPE_{datatype} dims: {shape} }}]
output [{{ name: "{output_name(networks)}" data_type: TYPE_FP32 dims: [1, 1000] }}]
instance_group [{{ count: {instances} kind: KIND_CPU }}]
""")
    return root


def output_name(networks):
    with open(f"{networks}/output") as file:
        return file.read()
