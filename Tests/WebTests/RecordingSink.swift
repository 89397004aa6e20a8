import Base
import TestKit
import Web

/// A sink that keeps what it hears, answers at the end with count and hash, and can be slow or refuse.
final class RecordingSink: BodySink {
  struct Heard: Sendable {
    var calls: [String] = []
    var count = 0
    /// Does not depend on how the bytes were cut.
    var hasher = Hasher()
    /// Calls that met another one.
    var overlaps = 0
    var isInside = false
    var exchange: Exchange?
    /// Bytes behind which it is held up; `.max` for never.
    var stopsAt = Int.max
    var answersAt = Int.max
  }

  let heard: Monitor<Heard>
  private let onBegin: @Sendable (Exchange) -> Void

  init(stopsAt: Int = .max, answersAt: Int = .max, onBegin: @escaping @Sendable (Exchange) -> Void = { _ in }) {
    var heard = Heard()
    (heard.stopsAt, heard.answersAt) = (stopsAt, answersAt)
    (self.heard, self.onBegin) = (Monitor(heard), onBegin)
  }

  func begin(_ exchange: Exchange) {
    call("begin") { $0.exchange = exchange }
    onBegin(exchange)
  }

  func append(_ bytes: [UInt8]) {
    let refused = call("append") { heard in
      heard.count += bytes.count
      bytes.withUnsafeBytes { heard.hasher.combine(bytes: $0) }
      return heard.count >= heard.answersAt ? heard.exchange.take() : nil
    }
    refused?.answer(Response(409, body: Array("no more".utf8)))
    _ = try? heard.wait(for: "the sink to be let go") { $0.count < $0.stopsAt ? () : nil }
  }

  func end() {
    let (exchange, text) = call("end") { ($0.exchange.take(), "\($0.count) \($0.hasher.finalize())") }
    exchange?.answer(Response(200, body: Array(text.utf8)))
  }

  func broken() { call("broken") { $0.exchange = nil } }

  @discardableResult private func call<Result>(_ name: String, _ body: (inout Heard) -> Result) -> Result {
    let result = heard.update { heard in
      if heard.isInside { heard.overlaps += 1 }
      heard.isInside = true
      if name != "append" || heard.calls.last != "append" { heard.calls.append(name) }
      return body(&heard)
    }
    heard.update { $0.isInside = false }
    return result
  }

  /// Lets it go on.
  func letGo() { heard.update { $0.stopsAt = .max } }

  /// Waits for its ending, and says what it heard, several parts in a row as one.
  func ending(file: String = #fileID, line: Int = #line) throws -> [String] {
    try heard.wait(for: "a sink's ending", file: file, line: line) {
      ["end", "broken"].contains($0.calls.last) ? $0.calls : nil
    }
  }

  var count: Int { heard.update { $0.count } }
  var overlaps: Int { heard.update { $0.overlaps } }

  /// What ``end()`` answers for such bytes.
  static func answer(to bytes: [UInt8]) -> String {
    var hasher = Hasher()
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    return "\(bytes.count) \(hasher.finalize())"
  }
}

extension ClosureHandler {
  /// Gives every body to this sink.
  static func streaming(limit: Int? = nil, owner: String? = nil, _ sink: RecordingSink) -> ClosureHandler {
    ClosureHandler { request in
      request.path == "/" ? .answer(Response(200)) : .stream(limit: limit, owner: owner, to: sink)
    }
  }
}

/// Bytes that are never the same twice.
func randomBytes(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
  var dice = SeededRandom(seed)
  return [UInt8](unsafeUninitializedCapacity: count + 8) { room, filled in
    let raw = UnsafeMutableRawBufferPointer(room)
    for place in stride(from: 0, to: count, by: 8) {
      raw.storeBytes(of: dice.next(), toByteOffset: place, as: UInt64.self)
    }
    filled = count
  }
}
