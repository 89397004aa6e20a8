internal import Base
internal import Web

/// gRPC over HTTP/2 (github.com/grpc/grpc, "PROTOCOL-HTTP2"): framing, status, deadlines.
enum RPC {
  /// How a call ended: the codes of gRPC that are told here.
  enum Status: Int {
    case ok = 0
    case cancelled = 1
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case permissionDenied = 7
    case resourceExhausted = 8
    case aborted = 10
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case unauthenticated = 16

    /// What an HTTP status of these routes means.
    init(http status: Int) {
      switch status {
      case 401: self = .unauthenticated
      case 403: self = .permissionDenied
      case 404: self = .notFound
      case 408, 504: self = .deadlineExceeded
      case 409: self = .aborted
      case 413, 431: self = .resourceExhausted
      case 405, 415, 422, 501: self = .unimplemented
      case 429, 503: self = .unavailable
      case 499: self = .cancelled
      case 400..<500: self = .invalidArgument
      default: self = .internal
      }
    }
  }

  /// How a call of many messages ended, as its trailers tell it.
  struct Ending: Sendable {
    let status: Status
    /// For people; empty where all went well.
    let message: String

    static let ok = Ending(status: .ok, message: "")
    /// The server ends, and what has no end of its own ends with it.
    static let closing = Ending(status: .unavailable, message: "the server ends: connect to it again later")

    init(status: Status, message: String) { (self.status, self.message) = (status, message) }

    init(_ failure: Failure) { self.init(status: Status(http: failure.status), message: failure.fault.message) }

    var trailers: [(String, String)] {
      let told = message.isEmpty ? [] : [("grpc-message", PercentCoding.message(message))]
      return [("grpc-status", "\(status.rawValue)")] + told
    }
  }

  static let type = "application/grpc"
  /// Of a message: whether it is compressed, and its length in four bytes.
  static let prefixCount = 5

  /// Whether a request speaks gRPC: its answer, whatever it is, has to as well.
  static func isOne(_ request: Request) -> Bool {
    guard let type = request.header("content-type")?.utf8, type.starts(with: Self.type.utf8) else { return false }
    let rest = type.dropFirst(Self.type.utf8.count).first
    return rest == nil || rest == UInt8(ascii: "+") || rest == UInt8(ascii: ";")
  }

  /// How long a body of one message will be, from its first bytes.
  static func announced(_ first: RawSpan) -> Int? {
    guard first.byteCount >= prefixCount else { return nil }
    return prefixCount + Int(UInt32(bigEndian: first.unsafeLoadUnaligned(fromByteOffset: 1, as: UInt32.self)))
  }

  static let compressed = Fault(
    .unsupported, "compressed messages are not read: send them as they are, with 'grpc-encoding: identity'")

  /// Where the one message of a body lies in it.
  static func message(in body: RawSpan) throws(Fault) -> Range<Int> {
    guard let whole = announced(body) else {
      throw Fault(.badInput, "the call has no message: its body has \(body.byteCount) bytes")
    }
    guard body.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt8.self) == 0 else {
      throw compressed
    }
    guard whole == body.byteCount else {
      throw Fault(
        .badInput,
        "the message says that it has \(whole - prefixCount) bytes, and \(body.byteCount - prefixCount) are there: one message a call"
      )
    }
    return prefixCount..<body.byteCount
  }

  /// Seconds that a client waits, of `grpc-timeout`: up to eight digits and a unit.
  static func seconds(_ header: String?) throws(Failure) -> Double? {
    guard let header else { return nil }
    let units: [Character: Double] = ["H": 3600, "M": 60, "S": 1, "m": 1e-3, "u": 1e-6, "n": 1e-9]
    let digits = header.dropLast()
    guard let unit = header.last.flatMap({ units[$0] }), (1...8).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Double(digits)
    else { throw Failure(Fault(.badInput, "grpc-timeout is '\(header.prefix(32))', which is no time: as 500m or 2S")) }
    return count * unit
  }
}

extension RPC {
  /// What stands in front of a message of so many bytes.
  static func prefix(_ byteCount: Int) -> [UInt8] {
    [0] + withUnsafeBytes(of: UInt32(byteCount).bigEndian) { unsafe Array($0) }
  }
}

extension Response {
  /// A message, and that all went well.
  static func rpc(_ message: [UInt8]) -> Response {
    var response = Response(
      200, headers: [("Content-Type", RPC.type)], body: RPC.prefix(message.count), tail: message)
    response.trailers = RPC.Ending.ok.trailers
    return response
  }

  /// The head of an answer of many messages, with the first bytes of them; it ends so unless another ending is told.
  static func rpcStream(_ first: [UInt8] = []) -> Response {
    var response = Response(200, headers: [("Content-Type", RPC.type)], body: first)
    response.trailers = RPC.Ending.closing.trailers
    return response
  }

  /// That it did not, and why; there is no message then, and all stands in front.
  static func rpc(_ failure: Failure) -> Response {
    var headers = [
      ("Content-Type", RPC.type), ("grpc-status", "\(RPC.Status(http: failure.status).rawValue)"),
      ("grpc-message", PercentCoding.message(failure.fault.message)),
    ]
    if failure.status == 429 || failure.status == 503 {
      headers.append(("grpc-retry-pushback-ms", "\(Int((failure.retryAfter ?? 1) * 1000))"))
    }
    return Response(200, headers: headers)
  }
}

extension PercentCoding {
  /// A sentence as `grpc-message` has it: all but visible ASCII, and the percent sign, as percent and two digits.
  static func message(_ text: String) -> String {
    String(
      decoding: text.utf8.flatMap { byte -> [UInt8] in
        (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "%") ? [byte] : [UInt8(ascii: "%")] + Hex.text([byte]).utf8
      }, as: UTF8.self)
  }
}

extension Failure {
  /// gRPC's own word for a path that leads nowhere.
  static func noMethod(_ path: String) -> Failure {
    Failure(
      501, Fault(.unsupported, "there is no method \(path.prefix(200)): inference.GRPCInferenceService is served"))
  }
}
