"""pytriton: Triton with a Python function behind it, batches of up to eight as they are there, without waiting."""
import engine
import numpy as np
from pytriton.decorators import batch
from pytriton.model_config import DynamicBatcher, ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

requests = {kind: engine.compiled(kind).create_infer_request() for kind in engine.INPUTS}


def function(kind):
    @batch
    def infer(image):
        return {"scores": np.concatenate([requests[kind].infer({0: picture[None]})[0] for picture in image])}

    return infer


config = TritonConfig(http_address="127.0.0.1", http_port=engine.PORT, allow_grpc=False, allow_metrics=False, log_verbose=0)
with Triton(config=config) as triton:
    for kind, (shape, type) in engine.INPUTS.items():
        triton.bind(
            model_name=f"mobilenet-{kind}", infer_func=function(kind), inputs=[Tensor(name="image", shape=shape[1:], dtype=type)],
            outputs=[Tensor(name="scores", shape=(1000,), dtype=np.float32)],
            config=ModelConfig(max_batch_size=8, batcher=DynamicBatcher(max_queue_delay_microseconds=0)))
    triton.serve()
