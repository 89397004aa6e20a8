package import Base

/// Values of one message, one after the other: whole numbers and doubles in eight bytes, texts and lists after their length.
package struct FieldWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func add(_ value: Bool) { bytes.append(value ? 1 : 0) }
  package mutating func add(_ value: UInt8) { bytes.append(value) }
  package mutating func add(_ value: Double) { add(Int(bitPattern: UInt(value.bitPattern))) }

  package mutating func add(_ value: Int) {
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  /// Texts that are too long for a message are cut.
  package mutating func add(_ text: String) {
    let short = text.utf8.prefix(FieldReader.textLimit)
    add(short.count)
    bytes.append(contentsOf: short)
  }

  package mutating func add(_ fault: Fault) {
    add(fault.kind.rawValue)
    add(fault.message)
    add(fault.cause) { $0.add($1) }
  }

  package mutating func add<Value>(_ value: Value?, _ body: (inout FieldWriter, Value) -> Void) {
    add(value != nil)
    if let value { body(&self, value) }
  }

  package mutating func add<Value>(list: [Value], _ body: (inout FieldWriter, Value) -> Void) {
    add(list.count)
    for value in list { body(&self, value) }
  }
}

/// Reads what ``FieldWriter`` wrote, and believes nothing: whatever does not fit is a fault.
package struct FieldReader {
  package static let textLimit = 4096

  private let bytes: [UInt8]
  private var place = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The other side is broken, or broken into.
  package static let nonsense = Fault(
    .badInput, "the process that worked on it answered what cannot be understood, so it was ended")

  package mutating func byte() throws(Fault) -> UInt8 {
    guard place < bytes.count else { throw Self.nonsense }
    defer { place += 1 }
    return bytes[place]
  }

  package mutating func flag() throws(Fault) -> Bool {
    let byte = try byte()
    guard byte < 2 else { throw Self.nonsense }
    return byte == 1
  }

  package mutating func integer() throws(Fault) -> Int {
    guard bytes.count - place >= 8 else { throw Self.nonsense }
    defer { place += 8 }
    return Int(truncatingIfNeeded: (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[place + $1]) << (8 * $1) })
  }

  package mutating func integer(in range: ClosedRange<Int>) throws(Fault) -> Int {
    let value = try integer()
    guard range.contains(value) else { throw Self.nonsense }
    return value
  }

  /// Finite.
  package mutating func number() throws(Fault) -> Double {
    let value = Double(bitPattern: UInt64(UInt(bitPattern: try integer())))
    guard value.isFinite else { throw Self.nonsense }
    return value
  }

  /// Without control characters, which a terminal would obey.
  package mutating func text() throws(Fault) -> String {
    let count = try integer(in: 0...Self.textLimit)
    guard bytes.count - place >= count else { throw Self.nonsense }
    defer { place += count }
    let text = String(decoding: bytes[place..<place + count], as: UTF8.self)
    return String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  package mutating func fault() throws(Fault) -> Fault {
    guard let kind = Fault.Kind(rawValue: try text()) else { throw Self.nonsense }
    return Fault(kind, try text(), cause: try optional { (fields) throws(Fault) in try fields.text() })
  }

  package mutating func optional<Value>(_ body: (inout FieldReader) throws(Fault) -> Value) throws(Fault) -> Value? {
    try flag() ? try body(&self) : nil
  }

  package mutating func list<Value>(
    upTo limit: Int, _ body: (inout FieldReader) throws(Fault) -> Value
  ) throws(Fault) -> [Value] {
    var list: [Value] = []
    for _ in 0..<(try integer(in: 0...limit)) { list.append(try body(&self)) }
    return list
  }

  /// Nothing may be left.
  package func end() throws(Fault) { if place != bytes.count { throw Self.nonsense } }
}
