"""What DynamoDB does now and then and its emulator never does, put in between: dynamodb-trouble.py PORT SEED PARENT WRITES

Requests go on to the emulator at PORT. One in some is refused as throttled, or for a transaction of others; is answered by a broken connection, before it was done or
behind that; or is done once more a little later, as a network may that kept a copy. Where WRITES is not -1, instead: so many transactions are written, and every request behind them is answered by an error. Prints its own port, and ends with the process PARENT.
"""

import http.client
import http.server
import json
import os
import random
import sys
import threading
import time

PORT, SEED, PARENT, WRITES = (int(word) for word in sys.argv[1:5])
lock, chance = threading.Lock(), random.Random(SEED)
local, written = threading.local(), [0]


def forward(headers, body):
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    try:
        local.connection.request("POST", "/", body, headers)
        answer = local.connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        local.connection.close()
        raise


def later(headers, body, seconds):
    time.sleep(seconds)
    forward(headers, body)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, code, reasons=None):
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "of the tests"}
        if reasons:
            body["CancellationReasons"] = [{"Code": reason} for reason in reasons]
        self.reply(400, json.dumps(body).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: self.headers[name] for name in ("Content-Type", "X-Amz-Target", "X-Amz-Date", "Authorization")}
        isTogether = "Transact" in headers["X-Amz-Target"]
        if WRITES >= 0:
            if headers["X-Amz-Target"].endswith("TransactWriteItems"):
                written[0] += 1
            return self.reply(500, b"") if written[0] > WRITES else self.reply(*forward(headers, body))
        with lock:
            what, seconds = chance.randrange(30), chance.random() * 0.3
        if what == 0:
            return self.refuse("ProvisionedThroughputExceededException")
        if what == 1 and isTogether:
            return self.refuse("TransactionCanceledException", ["None", "TransactionConflict"])
        if what == 2 and isTogether:
            return self.refuse("TransactionCanceledException", ["ThrottlingError", "None"])
        if what == 3:
            return self.reply(500, b"<html>of the tests</html>")
        if what == 4:
            self.close_connection = True
            return None
        if what == 5 and headers["X-Amz-Target"].endswith("TransactWriteItems"):
            threading.Thread(target=later, args=(headers, body, seconds), daemon=True).start()
        status, answer = forward(headers, body)
        if what in (6, 7):
            self.close_connection = True
            return None
        return self.reply(status, answer)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
while os.path.exists(f"/proc/{PARENT}"):
    time.sleep(0.3)
