import Base
import DynamoDB
import Foundation
import Objects
import TestKit
import Testing

/// What the service may answer, and what must not be made of it; the answers are made up.
struct DynamoDBAnswerTests {
  private func client(_ answers: [(Int, String)]) throws -> (DynamoDBClient, AnswerServer) {
    let server = try AnswerServer(answers)
    var settings = DynamoDBClient.Settings()
    settings.retrySeconds = 0.4
    let address = try DynamoDBAddress("dynamodb://us-east-1/ridley?endpoint=http://127.0.0.1:\(server.port)")
    return (try DynamoDBClient(address, S3Credentials(accessKey: "a", secret: "b"), settings: settings), server)
  }

  private func kind(_ body: () throws -> Void) -> Fault.Kind? {
    do { try body() } catch { return (error as? Fault)?.kind }
    return nil
  }

  private func cancelled(_ reasons: String...) -> (Int, String) {
    let list = reasons.map { "{\"Code\":\"\($0)\"}" }.joined(separator: ",")
    return (400, "{\"__type\":\"x#TransactionCanceledException\",\"CancellationReasons\":[\(list)]}")
  }

  private let key = DynamoDBKey("p", "s")
  private let record = "{\"pk\":{\"S\":\"p\"},\"sk\":{\"S\":\"s\"},\"v\":{\"N\":\"7\"}}"

  @Test func `a page ends where no key follows, whatever else it holds`() throws {
    let pages = [
      ("{\"Items\":[]}", 0, nil), ("{\"Items\":[],\"LastEvaluatedKey\":{}}", 0, nil),
      ("{\"Items\":[\(record)],\"LastEvaluatedKey\":null}", 1, nil),
      ("{\"Items\":[],\"LastEvaluatedKey\":{\"pk\":{\"S\":\"p\"},\"sk\":{\"S\":\"s\"}}}", 0, "s"),
    ]
    let (client, server) = try client(pages.map { (200, $0.0) })
    for (_, count, next) in pages {
      let page = try client.page(DynamoDBQuery("p", .all, limit: 10))
      #expect(page.records.count == count && page.next == next)
    }
    withExtendedLifetime(server) {}
  }

  @Test func `a conflict with another transaction is tried again, a condition that fails is an answer`() throws {
    let (client, server) = try client([
      cancelled("None", "TransactionConflict"), cancelled("ThrottlingError", "None"), (200, "{}"),
      cancelled("ConditionalCheckFailed", "TransactionConflict"), cancelled("None", "ValidationError"),
    ])
    let actions = [DynamoDBAction.delete(key), .check(DynamoDBKey("q", "s"), if: .absent)]
    #expect(try client.write(actions))
    #expect(try !client.write(actions))
    #expect(kind { _ = try client.write(actions) } == .tooLarge)
    withExtendedLifetime(server) {}
  }

  @Test func `what is too much for one answer is asked for in parts`() throws {
    let (client, server) = try client([
      cancelled("ValidationError", "ValidationError"), (200, "{\"Responses\":[{\"Item\":\(record)}]}"),
      (200, "{\"Responses\":[{}]}"), (200, "{\"Responses\":[{}]}"),
    ])
    let found = try client.get([key, DynamoDBKey("p", "t")])
    #expect(found.records.map { $0?.number("v") } == [7, nil] && !found.isOneMoment)
    #expect(kind { _ = try client.get([key, DynamoDBKey("p", "t")]) } == .unavailable, "one of two is no answer")
    withExtendedLifetime(server) {}
  }

  @Test(arguments: [
    (400, "{\"__type\":\"ProvisionedThroughputExceededException\"}", Fault.Kind.unavailable),
    (503, "<html>", .unavailable), (200, "<html>", .unavailable), (413, "<html>", .unsupported),
    (400, "{\"__type\":\"x#AccessDeniedException\",\"Message\":\"no\"}", .denied),
    (400, "{\"__type\":\"ExpiredTokenException\"}", .denied),
    (400, "{\"__type\":\"ResourceNotFoundException\"}", .notFound),
  ])
  func `every refusal has its fault`(status: Int, body: String, expected: Fault.Kind) throws {
    let (client, server) = try client([(status, body)])
    #expect(kind { _ = try client.get(key) } == expected)
    withExtendedLifetime(server) {}
  }
}

/// Answers what it is told to, one after the other, and the last again and again.
private final class AnswerServer {
  let port: Int
  private let process = Process()

  init(_ answers: [(Int, String)]) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.script, "\(getpid())"] + answers.flatMap { ["\($0.0)", $0.1] }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  deinit { kill(process.processIdentifier, SIGKILL) }

  private static let script = """
    import http.server, os, sys, threading, time
    answers = list(zip(map(int, sys.argv[2::2]), sys.argv[3::2]))
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def log_message(self, *rest): pass
        def do_POST(self):
            self.rfile.read(int(self.headers['Content-Length']))
            status, text = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            self.send_header('Content-Length', str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while os.path.exists('/proc/' + sys.argv[1]): time.sleep(0.3)
    """
}
