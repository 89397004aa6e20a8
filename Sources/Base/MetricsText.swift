/// Writes metrics in the text format of Prometheus, version 0.0.4.
///
/// Families are begun one after the other, each name once; samples belong to the family begun last. Names and labels are the
/// program's own, so a bad one is a programmer's error; label values may be any text.
public struct MetricsText: ~Copyable {
  public enum Kind: String, Sendable { case counter, gauge, histogram }

  /// For the header `Content-Type`.
  public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  private var text: [UInt8] = []
  private var families: Set<String> = []
  private var family: (name: String, kind: Kind)?

  public init() { text.reserveCapacity(16 << 10) }

  public consuming func finish() -> [UInt8] { text }

  /// `help` is one sentence; counters are named `…_total`, what has a unit after it: `…_seconds`.
  public mutating func begin(_ name: String, _ kind: Kind, help: String) {
    precondition(Self.isName(name) && families.insert(name).inserted, "'\(name)' is no name, or used before")
    precondition((kind == .counter) == name.hasSuffix("_total"), "'\(name)': counters end in _total, and they alone")
    family = (name, kind)
    put("# HELP \(name) ")
    escape(help, quotes: false)
    put("\n# TYPE \(name) \(kind.rawValue)\n")
  }

  public mutating func sample(_ value: Int, _ labels: KeyValuePairs<String, String> = [:]) {
    line(own(.counter, .gauge), "", labels, nil, "\(value)")
  }

  public mutating func sample(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
    line(own(.counter, .gauge), "", labels, nil, Self.number(value))
  }

  public mutating func sample(_ histogram: Histogram, _ labels: KeyValuePairs<String, String> = [:]) {
    let (snapshot, unit) = (histogram.snapshot, Double(histogram.perUnit))
    sample(
      snapshot.counts, below: histogram.bounds.map { Double($0) / unit }, sum: Double(snapshot.sum) / unit, labels)
  }

  /// A histogram of counts up to each bound, and beyond the last.
  public mutating func sample(
    _ counts: [Int], below bounds: [Double], sum: Double, _ labels: KeyValuePairs<String, String> = [:]
  ) {
    let name = own(.histogram, .histogram)
    var count = 0
    for (index, inBucket) in counts.enumerated() {
      count += inBucket
      line(name, "_bucket", labels, Self.number(index < bounds.count ? bounds[index] : .infinity), "\(count)")
    }
    line(name, "_sum", labels, nil, Self.number(sum))
    line(name, "_count", labels, nil, "\(count)")
  }

  private func own(_ one: Kind, _ other: Kind) -> String {
    guard let family, [one, other].contains(family.kind) else {
      preconditionFailure("a sample of no family of its kind")
    }
    return family.name
  }

  private mutating func line(
    _ name: String, _ suffix: String, _ labels: KeyValuePairs<String, String>, _ bound: String?, _ value: String
  ) {
    put(name)
    put(suffix)
    var separator = "{"
    for (label, value) in labels {
      precondition(Self.isName(label) && !label.contains(":") && label != "le", "'\(label)' is no label")
      put("\(separator)\(label)=\"")
      escape(value, quotes: true)
      put("\"")
      separator = ","
    }
    if let bound {
      put("\(separator)le=\"\(bound)\"")
      separator = ","
    }
    put(separator == "{" ? " " : "} ")
    put(value)
    put("\n")
  }

  private mutating func put(_ words: String) { text.append(contentsOf: words.utf8) }

  private mutating func escape(_ words: String, quotes: Bool) {
    for byte in words.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): put("\\\\")
      case UInt8(ascii: "\n"): put("\\n")
      case UInt8(ascii: "\"") where quotes: put("\\\"")
      default: text.append(byte)
      }
    }
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private static func isName(_ name: String) -> Bool {
    func isFirst(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: ":")
    }
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    guard let first = name.utf8.first, isFirst(first) else { return false }
    return name.utf8.allSatisfy { isFirst($0) || isDigit($0) }
  }
}
