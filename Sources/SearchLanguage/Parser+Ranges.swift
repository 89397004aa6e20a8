internal import Base

/// Scores and lengths: `>`, `>=`, `<`, `<=` and `FROM..TO`, both of which are within.
extension Parser {
  private enum Bounds {
    case above(String, isEqual: Bool)
    case below(String, isEqual: Bool)
    case between(String, String)
  }

  private func bounds(_ written: String, _ place: Int, _ example: String) throws(Fault) -> Bounds {
    let bytes = Array(written.utf8)
    func rest(_ count: Int) -> String { String(decoding: bytes.dropFirst(count), as: UTF8.self) }
    if bytes.starts(with: ">=".utf8) { return .above(rest(2), isEqual: true) }
    if bytes.starts(with: "<=".utf8) { return .below(rest(2), isEqual: true) }
    if bytes.first == UInt8(ascii: ">") { return .above(rest(1), isEqual: false) }
    if bytes.first == UInt8(ascii: "<") { return .below(rest(1), isEqual: false) }
    if let dots = bytes.firstRange(of: Array("..".utf8)) {
      return .between(String(decoding: bytes[..<dots.lowerBound], as: UTF8.self), rest(dots.upperBound))
    }
    throw text.fault(
      at: place, "'\(written)' is no range: write >, >=, < or <= in front, or two ends, such as \(example)")
  }

  /// Scores are kept as `Float`: ends are the nearest of these, so that `>=.9` finds a score that is shown as 0.9.
  func score(_ written: String, _ place: Int) throws(Fault) -> ClosedRange<Double> {
    func number(_ text: String) throws(Fault) -> Float {
      guard !text.isEmpty, text.utf8.count < 40, text.utf8.allSatisfy({ "0123456789.".utf8.contains($0) }),
        let number = Float(text), (0...1).contains(number)
      else { throw self.text.fault(at: place, "'\(text)' is no score: write a number from 0 to 1, such as .5") }
      return number
    }
    let (low, high): (Float, Float)
    switch try bounds(written, place, "score:>=.5 or score:.5..0.9") {
    case .above(let end, true): (low, high) = (try number(end), .infinity)
    case .above(let end, false): (low, high) = (try number(end).nextUp, .infinity)
    case .below(let end, true): (low, high) = (-.infinity, try number(end))
    case .below(let end, false): (low, high) = (-.infinity, try number(end).nextDown)
    case .between(let start, let end): (low, high) = (try number(start), try number(end))
    }
    guard low <= high else { throw upsideDown(written, place) }
    return Double(low)...Double(high)
  }

  func duration(_ written: String, _ place: Int) throws(Fault) -> ClosedRange<Int> {
    func length(_ text: String) throws(Fault) -> Int {
      guard let length = Spans.milliseconds(text) else {
        throw self.text.fault(at: place, "'\(text)' is no length of time: \(Spans.expected)")
      }
      return length
    }
    let (low, high): (Int, Int)
    switch try bounds(written, place, "duration:>5s or duration:1m..5m") {
    case .above(let end, let isEqual): (low, high) = (try length(end) + (isEqual ? 0 : 1), .max)
    case .below(let end, let isEqual): (low, high) = (.min, try length(end) - (isEqual ? 0 : 1))
    case .between(let start, let end): (low, high) = (try length(start), try length(end))
    }
    guard low <= high else { throw upsideDown(written, place) }
    return low...high
  }

  private func upsideDown(_ written: String, _ place: Int) -> Fault {
    text.fault(at: place, "the range '\(written)' is upside down: write its lower end first")
  }
}
