#!/usr/bin/env python3
"""A runtime interface of AWS Lambda of the tests' own, an emulator: starts a program, hands it invocations, and prints what came of them.

    lambda_interface.py STEPS PROGRAM WORD…

STEPS is a file with a JSON array, a step for each invocation: "event", any JSON, or "raw", the bytes of one as text; "seconds" until its deadline;
"trace"; "kill", the signals that the program's child gets, one after the other, each once a child says that it is ready; "slow", the child after
those stands still until there is an answer; "terminate", seconds after which the program is asked to end; "empty", an answer without an invocation; "after",
seconds before it is handed out. Prints {"answers": […], "connections": N, "code": N, "log": […]}.
"""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time

STEPS = json.load(open(sys.argv[1]))
CONDITION = threading.Condition()
STATE = {"next": 0, "answers": [], "connections": 0, "over": False, "log": [], "ready": 0, "stopped": []}


class Interface(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        STATE["connections"] += 1

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path != "/2018-06-01/runtime/invocation/next":
            return self.reply(404)
        time.sleep(0.05)  # for the log of what was before
        with CONDITION:
            number = STATE["next"]
            if number == len(STEPS):
                STATE["over"] = True
                CONDITION.notify_all()
                CONDITION.wait(60)
                return self.reply(500)
            STATE["next"] += 1
            step = STEPS[number]
        time.sleep(step.get("after", 0))
        with CONDITION:
            step["given"], ready = time.monotonic(), STATE["ready"]
        if step.get("empty"):
            STATE["answers"].append({"kind": "empty"})
            return self.reply(200)
        headers = {"Lambda_Runtime_Aws_Request_Id": f"00000000-0000-0000-0000-{number:012}", "Lambda_Runtime_Invoked_Function_Arn": "arn:of:a:test"}
        if "seconds" in step:
            headers["Lambda_Runtime_Deadline_Ms"] = int((time.time() + step["seconds"]) * 1000)
        if "trace" in step:
            headers["Lambda_Runtime_Trace_Id"] = step["trace"]
        self.reply(200, step["raw"].encode() if "raw" in step else json.dumps(step["event"]).encode(), **headers)
        if "kill" in step:
            threading.Thread(target=kill, args=(step["kill"], ready, step.get("slow")), daemon=True).start()
        if "terminate" in step:
            threading.Timer(step["terminate"], PROCESS.terminate).start()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.path.rsplit("/", 1)[1]
        answer = {"kind": kind, "body": json.loads(body), "type": self.headers.get("Lambda-Runtime-Function-Error-Type")}
        with CONDITION:
            if self.path.endswith("init/error"):
                answer["kind"] = "init"
            else:
                number = int(self.path.split("/")[-2].rsplit("-", 1)[1])
                answer["seconds"] = time.monotonic() - STEPS[number]["given"]
                if number != len(STATE["answers"]):
                    answer["kind"] = f"{kind} of {number}, out of turn"
            STATE["answers"].append(answer)
            while STATE["stopped"]:
                os.kill(STATE["stopped"].pop(), signal.SIGCONT)
        self.reply(202, b'{"status":"OK"}')


def children():
    return [int(word) for task in os.listdir(f"/proc/{PROCESS.pid}/task") for word in open(f"/proc/{PROCESS.pid}/task/{task}/children").read().split()]


def kill(names, ready, slow):
    for number, name in enumerate(names):
        deadline = time.monotonic() + 60
        while STATE["ready"] < ready + number and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0.1)
        old = children()
        for child in old:
            os.kill(child, getattr(signal, name))
    while slow and not STATE["stopped"] and PROCESS.poll() is None:
        for child in set(children()) - set(old):
            os.kill(child, signal.SIGSTOP)
            STATE["stopped"].append(child)
        time.sleep(0.002)


def read(stream):
    for line in stream:
        STATE["log"].append(line.rstrip("\n"))
        STATE["ready"] += '"ready for tasks"' in line


SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Interface)
SERVER.daemon_threads = True
threading.Thread(target=SERVER.serve_forever, daemon=True).start()
PROCESS = subprocess.Popen(
    sys.argv[2:], env=dict(os.environ, AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{SERVER.server_port}"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
READER = threading.Thread(target=read, args=(PROCESS.stderr,), daemon=True)
READER.start()
with CONDITION:
    CONDITION.wait_for(lambda: STATE["over"] or PROCESS.poll() is not None, 0.2)
    ENDS = time.monotonic() + 150
    while not STATE["over"] and PROCESS.poll() is None and time.monotonic() < ENDS:
        CONDITION.wait(0.2)
if PROCESS.poll() is None:
    PROCESS.terminate()
try:
    PROCESS.wait(20)
except subprocess.TimeoutExpired:
    PROCESS.kill()
    PROCESS.wait()
READER.join(5)
print(json.dumps({"answers": STATE["answers"], "connections": STATE["connections"], "code": PROCESS.returncode, "log": STATE["log"]}))
