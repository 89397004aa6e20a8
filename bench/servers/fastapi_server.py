"""FastAPI on uvicorn (uvloop, httptools): POST /f32 or /u8, the body is the tensor; as many asynchronous requests as OpenVINO likes."""
import asyncio

import engine
import uvicorn
from fastapi import FastAPI, Request, Response

app = FastAPI()


class Pool:
    def __init__(self, kind):
        self.kind, self.free = kind, asyncio.Queue()
        network = engine.compiled(kind)
        for _ in range(network.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")):
            request = network.create_infer_request()
            request.set_callback(self.done, None)
            self.free.put_nowait(request)

    def done(self, told):
        loop, future = told
        loop.call_soon_threadsafe(future.set_result, None)

    async def infer(self, body):
        request = await self.free.get()
        try:
            loop = asyncio.get_running_loop()
            future = loop.create_future()
            request.start_async({0: engine.tensor(self.kind, body)}, (loop, future))
            await future
            return request.get_output_tensor(0).data.tobytes()
        finally:
            self.free.put_nowait(request)


pools = {kind: Pool(kind) for kind in engine.INPUTS}


@app.post("/{kind}")
async def infer(kind: str, request: Request):
    body = bytearray()
    async for part in request.stream():
        body += part
    return Response(await pools[kind].infer(body), media_type="application/octet-stream")


uvicorn.run(app, host="127.0.0.1", port=engine.PORT, loop="uvloop", http="httptools", access_log=False, log_level="warning")
