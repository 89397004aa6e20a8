public import Base

/// What a unit says to a frame.
public struct FrameAnswer: Sendable {
  public enum Content: Sendable {
    /// Outputs in order, one behind the other; sides of each.
    case outputs([[Int]], SharedBytes)
    /// Why there are none, in a sentence.
    case failed(String)
  }

  public var content: Content
  /// Nanoseconds that the network itself took.
  public var inferred: Int

  public init(_ content: Content, inferred: Int) { (self.content, self.inferred) = (content, inferred) }

  /// Sides as words: `1x3549x85;1x10`, of one number without sides nothing.
  var shapes: String {
    guard case .outputs(let sides, _) = content else { return "" }
    return sides.map { $0.map(String.init).joined(separator: "x") }.joined(separator: ";")
  }

  private static let (mostOutputs, mostSides) = (512, 32)

  /// `nil` where it is none: nothing in it is believed.
  init?(_ entry: StreamEntry) {
    guard let text = entry["took"], let inferred = Int(text), inferred >= 0 else { return nil }
    if let reason = entry["failed"] {
      self.init(.failed(String(reason.prefix(1000))), inferred: inferred)
      return
    }
    guard let shapes = entry["shapes"], let bytes = entry.bytes("outputs") else { return nil }
    var all: [[Int]] = []
    for shape in shapes.split(separator: ";", omittingEmptySubsequences: false) {
      let words = shape.split(separator: "x")
      let sides = words.compactMap { Int($0) }
      guard sides.count == words.count, sides.count <= Self.mostSides, sides.allSatisfy({ (0...1 << 32).contains($0) })
      else { return nil }
      all.append(sides)
    }
    guard all.count <= Self.mostOutputs else { return nil }
    self.init(.outputs(all, SharedBytes(bytes)), inferred: inferred)
  }
}
