internal import Synchronization

/// Counts requests over all servers of the process; the text differs between processes too.
struct RequestNumber: Sendable {
  private let value: UInt64

  private static let start = UInt64.random(in: 0..<1 << 40) << 20
  private static let count = Atomic<UInt64>(0)

  static func next() -> RequestNumber {
    RequestNumber(value: start &+ count.add(1, ordering: .relaxed).newValue)
  }

  /// At most 15 hexadecimal digits.
  var text: String { String(value, radix: 16) }
}
