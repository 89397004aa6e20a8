public import Base

extension YAMLValue {
  /// A number from 0 to 1, such as a score or an overlap.
  public func score() throws(Fault) -> Float {
    let score = try number(example: "0.5")
    guard (0...1).contains(score) else { throw fault("\(try text()) is out of range for \(what), expected 0 to 1") }
    return score
  }

  /// A time with its unit, such as `500ms`, `1.5s`, `2m` or `1h`, in seconds; a number without a unit is refused.
  ///
  /// For faults, `orElse` is a word that is allowed too, and `limit` writes an end of the range.
  public func seconds(
    in range: ClosedRange<Double>, orElse other: String? = nil,
    limit: (Double) -> String = { Units.text(seconds: $0) }
  ) throws(Fault) -> Double {
    let text = try text()
    guard let seconds = Units.seconds(text) else {
      let others = other.map { ", or \($0)" } ?? ""
      throw fault("'\(text)' is not a time for \(what), expected a number and its unit, e.g. 500ms or 2s\(others)")
    }
    guard range.contains(seconds) else {
      let (least, most) = (limit(range.lowerBound), limit(range.upperBound))
      throw fault("\(text) is out of range for \(what), expected \(least) to \(most)")
    }
    return seconds
  }

  /// A size with its unit, such as `64MiB`, `1.5GB` or `4096B`.
  public func bytes(in range: ClosedRange<Int>) throws(Fault) -> Int {
    let text = try text()
    guard let bytes = Units.bytes(text) else {
      throw fault("'\(text)' is not a size for \(what), expected a number and its unit, e.g. 64MiB or 500KB")
    }
    guard range.contains(bytes) else {
      let (least, most) = (Units.text(bytes: range.lowerBound), Units.text(bytes: range.upperBound))
      throw fault("\(text) is out of range for \(what), expected \(least) to \(most)")
    }
    return bytes
  }
}
