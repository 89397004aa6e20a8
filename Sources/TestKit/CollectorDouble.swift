import Base
import Glibc

/// A stand-in for a collector of OpenTelemetry, in the test's own process: takes what is sent over OTLP/HTTP, and answers as it is told to.
public final class CollectorDouble: Sendable {
  /// How a request is answered.
  public enum Manner: Sendable {
    case status(Int, headers: [String] = [], body: [UInt8] = [])
    /// Never.
    case hang
    /// With bytes that are no HTTP.
    case rubbish
    /// Takes the request and closes the connection.
    case close

    public static let fine = status(200)
  }

  public struct Request: Sendable {
    public var path = ""
    /// Names in lower case.
    public var headers: [String: String] = [:]
    public var body: [UInt8] = []

    public init(path: String = "", body: [UInt8] = []) { (self.path, self.body) = (path, body) }
  }

  private struct State: Sendable {
    var manners: [Manner]
    var requests: [Request] = []
    var connections: [Int32] = []
  }

  public let port: Int
  private let listener: Int32
  private let state: Monitor<State>

  public var address: String { "http://127.0.0.1:\(port)" }

  /// Answers requests in these manners, one after the other, and all others in the last.
  public init(_ manners: [Manner] = [.fine]) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &place) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    guard isBound else { throw PlainClient.Trouble.noConnection }
    self.listener = listener
    port = Int(UInt16(bigEndian: place.sin_port))
    state = Monitor(State(manners: manners))
    NativeThread { [state] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        state.update { $0.connections.append(connection) }
        NativeThread { Self.serve(connection, state) }.leave()
      }
    }.leave()
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    for connection in state.update({ $0.connections }) { shutdown(connection, Int32(SHUT_RDWR)) }
  }

  public var requests: [Request] { state.update { $0.requests } }

  /// Waits until something is so of what was told.
  public func wait<Result>(for what: String, seconds: Double = 120, until body: ([Request]) -> Result?) throws -> Result
  {
    try state.wait(for: what, seconds: seconds) { body($0.requests) }
  }

  private static func serve(_ connection: Int32, _ state: Monitor<State>) {
    defer {
      state.update { $0.connections.removeAll { $0 == connection } }
      close(connection)
    }
    var unread: [UInt8] = []
    while let request = read(connection, &unread) {
      let manner = state.update { state in
        state.requests.append(request)
        return state.manners.count > 1 ? state.manners.removeFirst() : state.manners[0]
      }
      switch manner {
      case .status(let status, let headers, let body):
        let lines = ["HTTP/1.1 \(status) Told", "Content-Length: \(body.count)"] + headers
        send(connection, Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
      case .rubbish: return send(connection, Array("\u{1}\u{2} rubbish\n\n".utf8), ends: true)
      case .close: return send(connection, [], ends: true)
      case .hang: break
      }
    }
  }

  private static func send(_ connection: Int32, _ bytes: [UInt8], ends: Bool = false) {
    _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    if ends { shutdown(connection, Int32(SHUT_RDWR)) }
  }

  /// `nil` at the end of the connection.
  private static func read(_ connection: Int32, _ unread: inout [UInt8]) -> Request? {
    func more() -> Bool {
      var block = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(connection, &block, block.count, 0)
      guard count > 0 else { return false }
      unread += block.prefix(count)
      return true
    }
    while unread.firstRange(of: Array("\r\n\r\n".utf8)) == nil { guard more() else { return nil } }
    guard let end = unread.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: unread[..<end.lowerBound], as: UTF8.self).components("\r\n")
    var request = Request(path: String(lines[0].split(separator: " ")[1]))
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      request.headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingPrefix(" ").description : ""
    }
    unread.removeFirst(end.upperBound)
    let length = Int(request.headers["content-length"] ?? "0") ?? 0
    while unread.count < length { guard more() else { return nil } }
    request.body = Array(unread.prefix(length))
    unread.removeFirst(length)
    return request
  }
}
