internal import Base
internal import TestKit
internal import Web

/// Connections of clients that send what they like.
enum WebTarget {
  /// Limits that short inputs reach.
  private static var limits: Limits {
    var limits = Limits()
    (limits.headBytes, limits.targetBytes, limits.headerCount) = (2048, 256, 16)
    (limits.pipelinedBytes, limits.discardedBytes, limits.bodyBytesInFlight) = (512, 64, 64 << 10)
    (limits.streams, limits.resets) = (4, 8)
    return limits
  }

  /// HTTP/1: the same bytes must come to the same requests, wherever they are cut.
  static func enter(_ bytes: [UInt8]) throws(Fault) {
    let harness = try ConnectionHarness(limits: limits)
    let whole = try harness.talk([bytes[...]])
    let cut = try harness.talk(pieces(bytes))
    guard whole.events == cut.events else {
      throw Fault(.bug, "one run of bytes is read in two ways: \(whole.events) whole, \(cut.events) in pieces")
    }
  }

  /// HTTP/2, behind the first bytes that every client sends.
  static func enterFrames(_ bytes: [UInt8]) throws(Fault) {
    let opening = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    let harness = try ConnectionHarness(limits: limits)
    _ = try harness.talk([opening[...], bytes[...]])
    _ = try harness.talk([opening[...]] + pieces(bytes))
  }

  /// Cut where the bytes themselves say.
  private static func pieces(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var dice = SeededRandom(bytes.reduce(0) { $0 &* 131 &+ UInt64($1) })
    var (pieces, start) = ([ArraySlice<UInt8>](), 0)
    while start < bytes.count {
      let end = min(
        bytes.count, start + Int.random(in: 1...[1, 4, 60, 900].randomElement(using: &dice)!, using: &dice))
      pieces.append(bytes[start..<end])
      start = end
    }
    return pieces
  }
}
