import Foundation
import TestKit

/// What stands between an edge and a centre: passes requests on, counts questions to networks, and can go wrong on purpose.
final class CentreRelay {
  /// What goes wrong.
  struct Trouble {
    /// So many questions are passed on, and with the next one it is gone.
    var diesAfter = 0
    /// So many answers are those of the version that was asked, and the next ones say they are of another.
    var changesAfter = 0
    /// So many questions are told to come again.
    var refuses = 0
  }

  let address: String
  private let process = Process()

  init(to server: String, _ trouble: Trouble = Trouble()) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["python3", "-u", "-c", Self.script, server.replacing("http://", with: "")]
      + [trouble.diesAfter, trouble.changesAfter, trouble.refuses].map(String.init)
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    address = "http://127.0.0.1:\(line.trimmingCharacters(in: .whitespacesAndNewlines))"
  }

  deinit { kill(process.processIdentifier, SIGKILL) }

  /// Questions to networks so far.
  func questions() throws -> Int {
    let port = Int(address.split(separator: ":").last ?? "") ?? 0
    let client = try PlainClient(port)
    client.send("GET /questions HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return Int(try client.answer().text) ?? -1
  }

  private static let script = """
    import http.client, http.server, os, sys, threading
    target, (dies, changes, refuses) = sys.argv[1], map(int, sys.argv[2:])
    lock, asked = threading.Lock(), 0
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def log_message(self, *rest): pass
        def send(self, status, headers, body):
            self.send_response_only(status)
            for name, value in headers: self.send_header(name, value)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def relay(self):
            global asked
            body, number = self.rfile.read(int(self.headers.get('Content-Length', 0))), 0
            if self.path == '/questions': return self.send(200, [], str(asked).encode())
            if self.path.endswith('/infer'):
                with lock: asked, number = asked + 1, asked + 1
                if dies and number > dies: os._exit(0)
                if number <= refuses: return self.send(503, [('Retry-After', '1')], b'{"error":{"code":"exhausted","message":"full"}}')
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ('host', 'connection')}
            connection = http.client.HTTPConnection(target)
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
            kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in ('content-length', 'connection', 'transfer-encoding')]
            if changes and number > changes:
                kept = [(k, 'sha256:0' if k.lower() == 'x-model-digest' else v) for k, v in kept]
            self.send(answer.status, kept, data)
            connection.close()
        do_GET = do_POST = relay
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    print(server.server_port)
    server.serve_forever()
    """
}
