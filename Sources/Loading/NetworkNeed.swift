internal import Base

/// What a network took of this machine when it was tried on it.
public struct NetworkNeed: Sendable, Hashable {
  /// Bytes of memory once it can answer, with what its engine takes for itself.
  public var bytes: Int
  /// Bytes that it took at the most, which is while it is read and compiled.
  public var loadingBytes: Int
  /// CPU seconds of one inference; `nil` where that was not measured.
  public var seconds: Double?

  public init(bytes: Int, loadingBytes: Int, seconds: Double? = nil) {
    (self.bytes, self.loadingBytes, self.seconds) = (max(0, bytes), max(0, bytes, loadingBytes), seconds)
  }

  /// What is expected of a network by the bytes of its files alone: its weights as they are, and once more in the engine's own order; while it is compiled
  /// twice that.
  ///
  /// What lies between its layers has the largest part in small ones, and no file tells it: the constants are above all that was measured
  /// (`docs/edge.md`, Small machines).
  public init(fileBytes: Int) {
    self.init(
      bytes: 2 * fileBytes + Self.restBytes, loadingBytes: 4 * fileBytes + 2 * Self.restBytes, seconds: nil)
  }

  /// For the engine itself, and for what lies between the layers of a network.
  static let restBytes = 64 << 20

  /// `bytes loadingBytes microseconds`, the last of them 0 where it is not known.
  var text: String { "\(bytes) \(loadingBytes) \(Int(((seconds ?? 0) * 1e6).rounded()))" }

  init?(text: some StringProtocol) {
    let numbers = text.split(separator: " ").map { Int($0) ?? -1 }
    guard numbers.count == 3, numbers.allSatisfy({ (0...1 << 50).contains($0) }) else { return nil }
    self.init(
      bytes: numbers[0], loadingBytes: numbers[1], seconds: numbers[2] > 0 ? Double(numbers[2]) / 1e6 : nil)
  }
}
