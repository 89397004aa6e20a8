public import Base
internal import Objects

/// The runtime interface of AWS Lambda, version 2018-06-01, as a client.
///
/// One connection and one request at a time. There is no limit to how long the next invocation is waited for, since the platform freezes the
/// process meanwhile, and no request is sent twice: an invocation that was handed out is not handed out again. Blocks its thread.
public final class RuntimeInterface {
  private let base: String
  private let connection: ServerConnection

  /// The environment's variable that says where the interface is.
  public static let variable = "AWS_LAMBDA_RUNTIME_API"

  /// `address` is `HOST:PORT`.
  public init(_ address: String) throws(Fault) {
    let parts = address.split(separator: ":", omittingEmptySubsequences: false)
    let isPlain = address.utf8.allSatisfy {
      $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "@")
    }
    guard isPlain, parts.count == 2, !parts[0].isEmpty, let port = Int(parts[1]), (1...65535).contains(port) else {
      throw Fault(.usage, "\(Self.variable) is '\(address)', and not HOST:PORT, as 127.0.0.1:9001")
    }
    var limits = ServerConnection.Limits()
    (limits.stallSeconds, limits.totalSeconds, limits.asksProxy) = (0, nil, false)
    base = "http://\(address)/2018-06-01/runtime"
    connection = try ServerConnection(limits: limits)
  }

  /// Waits for the next invocation; `nil` where the interface answered that there is none yet, or `goesOn` said `false`.
  ///
  /// `goesOn` is asked about once a second.
  ///
  /// - Throws: `unavailable` where the interface is gone or refuses to go on: the process is to end.
  public func next(goesOn: () -> Bool) throws(Fault) -> Invocation? {
    let answer: ServerAnswer
    do throws(Fault) {
      answer = try connection.send(ServerRequest("GET", "\(base)/invocation/next"), goesOn: { _ in goesOn() })
    } catch {
      guard error.kind == .closed else { throw error }
      return nil
    }
    guard (200...299).contains(answer.status) else { throw refusal(answer, "hands out no invocation") }
    // Emulators answer without one where they have waited for long.
    guard let id = answer["Lambda-Runtime-Aws-Request-Id"], !id.isEmpty else { return nil }
    guard id.utf8.count <= 128, id.utf8.allSatisfy(Self.isPlain) else {
      throw Fault(.badInput, "the runtime interface gave an invocation a name that is none: \(id.prefix(80))")
    }
    let deadline = answer["Lambda-Runtime-Deadline-Ms"].flatMap { Double($0) }
    return Invocation(
      id: id, event: answer.body, deadline: deadline.flatMap { $0 > 0 ? $0 / 1000 : nil },
      trace: answer["Lambda-Runtime-Trace-Id"])
  }

  /// Answers an invocation.
  ///
  /// - Throws: `tooLarge` where the platform takes no answer as long, and the invocation is still to be answered; `conflict` where it does
  ///   not wait for an answer any more; `unavailable` where the process is to end.
  public func answer(_ invocation: Invocation, _ bytes: [UInt8]) throws(Fault) {
    try post("invocation/\(invocation.id)/response", bytes)
  }

  /// Answers an invocation with an error; faults as of ``answer(_:_:)``.
  public func fail(_ invocation: Invocation, _ failure: FunctionFailure) throws(Fault) {
    try post("invocation/\(invocation.id)/error", failure.json, failure.name)
  }

  /// Tells that the process cannot begin, instead of the first ``next(goesOn:)``; the process is to end then.
  public func failStart(_ failure: FunctionFailure) throws(Fault) {
    try post("init/error", failure.json, failure.name)
  }

  private func post(_ path: String, _ bytes: [UInt8], _ error: FunctionFailure.Name? = nil) throws(Fault) {
    var request = ServerRequest("POST", "\(base)/\(path)")
    request.headers = [("Content-Type", "application/json")]
    if let error { request.headers.append(("Lambda-Runtime-Function-Error-Type", error.rawValue)) }
    request.body = .bytes(bytes)
    let answer = try connection.send(request)
    switch answer.status {
    case 200...299: return
    case 413: throw Fault(.tooLarge, "the answer is longer than a function may give: \(bytes.count) bytes")
    case 400, 403, 404:
      throw Fault(.conflict, "the platform does not wait for this answer any more", cause: Self.text(answer))
    default: throw refusal(answer, "takes no answer")
    }
  }

  private func refusal(_ answer: ServerAnswer, _ what: String) -> Fault {
    Fault(.unavailable, "the runtime interface \(what): it answered \(answer.status)", cause: Self.text(answer))
  }

  private static func text(_ answer: ServerAnswer) -> String {
    String(decoding: answer.body.prefix(500), as: UTF8.self)
  }

  /// Of names that go into a path as they stand.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
