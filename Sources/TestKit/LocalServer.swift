import Foundation

/// A web server on a free port of this machine, ended with the value; it can answer badly on purpose.
///
/// The first part of the path says how: `/norange/` sends all from the front, `/cut/` breaks off half way the first five
/// times, `/wrong/` sends other bytes, `/short/` a whole answer that lacks its end, `/slow/` a little at a time, `/drip/` a byte now and then
/// without an end, `/long/9/` says that 9 bytes come, and sends 5, `/loop/` redirects to itself, `/status/404/` answers that status.
/// Everything else is a file, whole or in part.
public final class LocalServer: Sendable {
  public let address: String
  private let port: Int
  private let process = Process()

  public init(folder: String) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-u", "-c", Self.script, folder]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    address = "http://127.0.0.1:\(port)"
  }

  // The thread that started it may block SIGTERM, and the server inherits that.
  deinit { kill(process.processIdentifier, SIGKILL) }

  /// One line an answered request: its path and its `Range`.
  public func log() throws -> [String] {
    let client = try PlainClient(port)
    client.send("GET /log HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return try client.answer().text.split(separator: "\n").map(String.init)
  }

  private static let script = """
    import http.server, os, sys, threading, time, urllib.parse
    root, log, cuts, lock = sys.argv[1], [], {}, threading.Lock()
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def log_message(self, *rest): pass
        def send(self, status, body, headers=(), length=None):
            self.send_response(status)
            for name, value in headers: self.send_header(name, value)
            self.send_header('Content-Length', str(len(body) if length is None else length))
            self.end_headers()
            try: self.wfile.write(body)
            except OSError: pass
        def do_GET(self):
            path = urllib.parse.unquote(self.path.split('?')[0])
            if path == '/log': return self.send(200, '\\n'.join(log).encode())
            if path.startswith('/drip/'):
                self.send(200, b'', length=1 << 20)
                while True:
                    try: self.wfile.write(b'x')
                    except OSError: return
                    time.sleep(0.2)
            wanted = self.headers.get('Range')
            with lock: log.append(path + ' ' + (wanted or '-'))
            kind = path.split('/')[1]
            if kind == 'status': return self.send(int(path.split('/')[2]), b'no')
            if kind == 'long': return self.send(200, b'begun', length=int(path.split('/')[2]))
            if kind == 'loop': return self.send(302, b'', [('Location', self.path)])
            if kind == 'away': return self.send(302, b'', [('Location', 'file:///etc/hostname')])
            known = kind in ('norange', 'cut', 'wrong', 'short', 'slow')
            name = root + (path[len(kind) + 1:] if known else path)
            if not os.path.isfile(name): return self.send(404, b'not here')
            body, status, headers = open(name, 'rb').read(), 200, []
            if wanted and kind != 'norange':
                start = int(wanted[6:].split('-')[0])
                if start >= len(body): return self.send(416, b'')
                headers = [('Content-Range', 'bytes %d-%d/%d' % (start, len(body) - 1, len(body)))]
                body, status = body[start:], 206
            if kind == 'wrong': body = bytes(b ^ 255 for b in body)
            if kind == 'short': body = body[:len(body) // 2]
            if kind == 'cut':
                with lock: cuts[name] = cuts.get(name, 0) + 1
                if cuts[name] <= 5:
                    self.send(status, body[:(len(body) + 1) // 2], headers, len(body))
                    self.close_connection = True
                    return
            if kind == 'slow':
                self.send(status, b'', headers, len(body))
                for start in range(0, len(body), 1000):
                    try: self.wfile.write(body[start:start + 1000])
                    except OSError: return
                    time.sleep(0.05)
                return
            self.send(status, body, headers)
        do_POST = do_GET
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    print(server.server_port)
    server.serve_forever()
    """
}
