import Base
import Dispatch
import TestKit
import Web

/// A handler made of closures, with what it was told.
final class ClosureHandler: RequestHandler {
  private let routing: @Sendable (Request) -> Handling
  let records = Monitor<[Record]>([])

  init(_ routing: @escaping @Sendable (Request) -> Handling) { self.routing = routing }

  func handle(_ request: Request) -> Handling { routing(request) }
  func ended(_ record: Record) { records.update { $0.append(record) } }

  /// Waits until so many requests have ended.
  func ended(_ count: Int, file: String = #fileID, line: Int = #line) throws -> [Record] {
    try records.wait(for: "the end of \(count) requests", file: file, line: line) { $0.count >= count ? $0 : nil }
  }

  /// Says what it got: `/` is answered from the head, `/body` from the loop, `/slow` from another thread, `/later` so while
  /// the loop sleeps.
  static func usual() -> ClosureHandler {
    ClosureHandler { request in
      switch request.path {
      case "/": .answer(Response(200, headers: [("X-Method", request.method)], body: Array("hello".utf8)))
      case "/body": .body(limit: 1 << 20) { body, exchange in exchange.answer(.sum(body)) }
      case "/slow":
        .body(limit: 1 << 20) { body, exchange in
          DispatchQueue.global().async { exchange.answer(.sum(body)) }
        }
      case "/later":
        .body(limit: 1 << 20) { body, exchange in
          DispatchQueue.global().asyncAfter(deadline: .now() + 0.03) { exchange.answer(.sum(body)) }
        }
      case "/never": .body(limit: 1 << 20) { _, exchange in Shelf.keep(exchange) }
      case "/drop": .body(limit: 1 << 20) { _, _ in }
      default: .answer(Response(404))
      }
    }
  }
}

/// Keeps exchanges that are never answered.
enum Shelf {
  private static let kept = Monitor<[Exchange]>([])
  static func keep(_ exchange: Exchange) { kept.update { $0.append(exchange) } }
}

extension Response {
  /// Count and sum of the bytes.
  static func sum(_ body: Body) -> Response {
    let sum = body.withBytes { bytes in
      bytes.withUnsafeBytes { $0.reduce(UInt64(0)) { $0 &+ UInt64($1) } }
    }
    return Response(200, body: Array("\(body.count) \(sum)".utf8))
  }
}

/// Runs a server on a free port for as long as `body` takes.
func serving<Result>(
  _ handler: ClosureHandler = .usual(), limits: (inout Limits) -> Void = { _ in },
  _ body: (Server, ClosureHandler) throws -> Result
) throws -> Result {
  var options = ServerOptions()
  options.loops = 2
  limits(&options.limits)
  let server = try Server(options, handler: handler)
  server.start()
  defer { server.drain(within: 0) }
  return try body(server, handler)
}
