import Base
import Foundation
import Objects
import TestKit

/// A server of one bucket that lists what services were seen to list and then does not give it as it was listed.
final class OddBucket: Sendable {
  private let port: Int
  private let process = Process()

  init() throws {
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-u", "-c", Self.script]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
  }

  // The thread that started it may block SIGTERM, and the server inherits that.
  deinit { kill(process.processIdentifier, SIGKILL) }

  func client() throws -> S3Client {
    var settings = S3Client.Settings()
    settings.retrySeconds = 0.2
    return S3Client(
      try S3Address("s3://odd/in", environment: ["RIDLEY_S3_ENDPOINT": "http://127.0.0.1:\(port)"]),
      S3Credentials(accessKey: "a", secret: "b"), settings: settings)
  }

  /// The keys that were read, as they were asked for.
  func log() throws -> [String] {
    let client = try PlainClient(port)
    client.send("GET /log HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    return try client.answer().text.split(separator: "\n").map(String.init)
  }

  /// A key, its length in the list, and the status, length and code of what is answered when it is read.
  private static let script = """
    import http.server, urllib.parse
    keys = [
        (b'in/', 0, 200, 0, ''), (b'in//x.mp4', 4, 206, 4, ''), (b'in/../up.mp4', 4, 400, 0, ''), (b'in/a+b c.mp4', 4, 206, 4, ''),
        (b'in/cold.mp4', 4, 403, 0, 'InvalidObjectState'), (b'in/ghost.mp4', 4, 404, 0, 'NoSuchKey'),
        (b'in/lost.mp4', 4, 500, 0, 'InternalError'), (b'in/other.mp4', 4, 206, 9, ''), (b'in/x.mp4', 5, 206, 5, ''),
        (b'in/z\\xff.mp4', 4, 206, 4, ''), (b'in/zz.mp4', 4, 206, 4, '')]
    log = []
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def log_message(self, *rest): pass
        def send(self, status, body, **headers):
            self.send_response(status)
            for name, value in headers.items(): self.send_header(name.replace('_', '-'), value)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def do_GET(self):
            path, _, query = self.path.partition('?')
            if path == '/log': return self.send(200, '\\n'.join(log).encode())
            if path == '/odd':
                encoded = lambda key: urllib.parse.quote_plus(key, safe='/')
                entry = '<Contents><Key>%s</Key><Size>%d</Size><LastModified>2026-11-29T08:00:00.000Z</LastModified><ETag>"e"</ETag></Contents>'
                return self.send(200, ('<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>'
                    + ''.join(entry % (encoded(key), size) for key, size, *_ in keys) + '</ListBucketResult>').encode())
            key = urllib.parse.unquote_to_bytes(path[5:])
            log.append(path[5:])
            for known, size, status, total, code in keys:
                if known == key:
                    if status != 206: return self.send(status, ('<Error><Code>%s</Code></Error>' % code).encode() if code else b'')
                    count = min(size, total)
                    return self.send(206, b'%d' % total * count, ETag='"e"', Content_Range='bytes 0-%d/%d' % (count - 1, total))
            self.send(404, b'<Error><Code>NoSuchKey</Code></Error>')
        def do_HEAD(self): self.send(404, b'')
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    print(server.server_port)
    server.serve_forever()
    """
}
