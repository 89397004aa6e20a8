/// Writes JSON into one growing byte buffer that keeps its capacity between documents.
///
/// Objects and arrays are closures, so none is left open; commas are put by the writer. Nothing is allocated once the buffer is
/// as long as the longest document.
///
///     json.object {
///       $0.field("label", "cup")
///       $0.array("box") { for side in box { $0.number(side, digits: 5) } }
///     }
public struct JSONWriter: ~Copyable {
  public internal(set) var bytes: [UInt8] = []
  /// The document, then each object and array that is open.
  var levels = [OpenLevel(end: UInt8(ascii: "\n"))]
  private var afterName = false

  struct OpenLevel {
    /// The byte that closes it.
    let end: UInt8
    /// Something stands in it already.
    var isFilled = false
  }

  public init(capacity: Int = 4096) { bytes.reserveCapacity(capacity) }

  /// Forgets what was written and keeps the memory; open objects stay open, so a long document can be drained in parts.
  public mutating func drain() { bytes.removeAll(keepingCapacity: true) }

  /// Gives away what was written, with its memory, and goes on with none; open objects stay open.
  public mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// Writes an object; what the closure throws leaves it closed behind what is in it.
  public mutating func object<E>(_ members: (inout JSONWriter) throws(E) -> Void) throws(E) {
    open(UInt8(ascii: "{"), end: UInt8(ascii: "}"))
    defer { close() }
    try members(&self)
  }

  /// Writes an array; what the closure throws leaves it closed behind what is in it.
  public mutating func array<E>(_ elements: (inout JSONWriter) throws(E) -> Void) throws(E) {
    open(UInt8(ascii: "["), end: UInt8(ascii: "]"))
    defer { close() }
    try elements(&self)
  }

  /// Writes the name of a member; a value must follow.
  mutating func write(_ name: Name) {
    separate()
    switch name {
    case .fixed(let text):
      bytes.append(UInt8(ascii: "\""))
      text.withUTF8Buffer { bytes.append(contentsOf: $0) }
      bytes.append(UInt8(ascii: "\""))
    case .made(let text): quote(text)
    }
    bytes.append(UInt8(ascii: ":"))
    afterName = true
  }

  public mutating func string(_ text: String) {
    separate()
    quote(text)
  }

  public mutating func integer(_ value: Int) {
    separate()
    bytes.append(contentsOf: String(value).utf8)
  }

  /// A number rounded half away from zero to at most `digits` decimals; what JSON cannot hold (NaN, infinity) is null.
  public mutating func number(_ value: Double, digits: Int = 4) {
    separate()
    guard value.isFinite else { return raw("null") }
    appendRounded(value, digits)
  }

  public mutating func bool(_ value: Bool) {
    separate()
    raw(value ? "true" : "false")
  }

  public mutating func null() {
    separate()
    raw("null")
  }

  /// Puts in a whole document that was written before; line ends after it are left out.
  public mutating func embed(_ document: [UInt8]) {
    separate()
    bytes.append(contentsOf: document)
    while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
  }

  /// Puts in what stands in an object that was written before, which must not be empty.
  public mutating func embed(membersOf object: [UInt8]) {
    separate()
    bytes.append(contentsOf: object.dropFirst().dropLast())
  }

  /// Ends a line of a JSON Lines document.
  public mutating func newline() {
    bytes.append(UInt8(ascii: "\n"))
    levels[levels.count - 1].isFilled = false
  }

  mutating func open(_ bracket: UInt8, end: UInt8) {
    separate()
    bytes.append(bracket)
    levels.append(OpenLevel(end: end))
  }

  mutating func close() {
    precondition(levels.count > 1, "an object or array is closed that was never opened")
    bytes.append(levels.removeLast().end)
  }

  private mutating func separate() {
    if afterName {
      afterName = false
      return
    }
    if levels[levels.count - 1].isFilled { bytes.append(UInt8(ascii: ",")) }
    levels[levels.count - 1].isFilled = true
  }

  private mutating func raw(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// What a number is multiplied by so that so many of its decimals stand before the point.
  package static func scale(_ digits: Int) -> Double {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return scale
  }

  /// The whole number that a value's magnitude is written from: half away from zero.
  package static func scaled(_ value: Double, by scale: Double) -> Double { (value.magnitude * scale).rounded() }

  private mutating func appendRounded(_ value: Double, _ digits: Int) {
    let scale = Self.scale(digits)
    let scaled = Self.scaled(value, by: scale)
    guard scaled < 9e15 else { return bytes.append(contentsOf: String(value).utf8) }
    let whole = UInt64(scaled)
    if value < 0, whole != 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(contentsOf: String(whole / UInt64(scale)).utf8)
    var fraction = whole % UInt64(scale)
    guard fraction > 0 else { return }
    var places = digits
    while fraction % 10 == 0 { (fraction, places) = (fraction / 10, places - 1) }
    let text = String(fraction)
    bytes.append(UInt8(ascii: "."))
    for _ in text.utf8.count..<places { bytes.append(UInt8(ascii: "0")) }
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case UInt8(ascii: "\n"): raw("\\n")
      case UInt8(ascii: "\t"): raw("\\t")
      case 0..<0x20:
        raw("\\u00")
        let hex = Array("0123456789abcdef".utf8)
        bytes.append(hex[Int(byte >> 4)])
        bytes.append(hex[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
