internal import TestKit

/// How a good file is made into a bad one.
public enum Mutation: Sendable, Hashable, CustomStringConvertible {
  /// Only the first bytes are there.
  case cut(Int)
  /// One bit is the other way round.
  case flip(seed: Int)
  /// Several bytes are others, and a piece may be doubled or gone.
  case mix(seed: Int)

  /// As ``init(_:)`` reads it: `cut:100`.
  public var description: String {
    switch self {
    case .cut(let count): "cut:\(count)"
    case .flip(let seed): "flip:\(seed)"
    case .mix(let seed): "mix:\(seed)"
    }
  }

  public init?(_ word: String) {
    let parts = word.split(separator: ":")
    guard parts.count == 2, let number = Int(parts[1]), number >= 0 else { return nil }
    switch parts[0] {
    case "cut": self = .cut(number)
    case "flip": self = .flip(seed: number)
    case "mix": self = .mix(seed: number)
    default: return nil
    }
  }

  /// The same result in every run.
  public func apply(to bytes: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    switch self {
    case .cut(let count): return Array(bytes.prefix(count))
    case .flip(let seed):
      var (broken, dice) = (bytes, SeededRandom(UInt64(seed)))
      let bit = Int.random(in: 0..<bytes.count * 8, using: &dice)
      broken[bit / 8] ^= 1 << UInt8(bit % 8)
      return broken
    case .mix(let seed):
      var dice = SeededRandom(UInt64(seed))
      return Self.mixed(bytes, &dice)
    }
  }

  private static func mixed(_ bytes: [UInt8], _ dice: inout SeededRandom) -> [UInt8] {
    var broken = bytes
    for _ in 0..<Int.random(in: 1...8, using: &dice) {
      guard !broken.isEmpty else { return broken }
      let at = Int.random(in: 0..<broken.count, using: &dice)
      let end = min(broken.count, at + Int.random(in: 1...32, using: &dice))
      switch Int.random(in: 0..<6, using: &dice) {
      case 0: broken[at] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &dice)!
      case 1: broken[at] = UInt8.random(in: 0...255, using: &dice)
      case 2: broken[at] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
      case 3: broken.removeSubrange(at..<end)
      case 4: broken.insert(contentsOf: broken[at..<end], at: at)
      default: broken.replaceSubrange(at..<end, with: bytes.suffix(end - at))
      }
    }
    return broken
  }
}
