public import Base

/// One value of a document on its way to a type: strict, and every fault names the place and what was expected.
public struct JSONValue: Sendable {
  public enum Kind: Sendable, Hashable { case object, array, string, number, bool, null }

  let document: JSONDocument
  /// On the document's tape.
  let index: Int

  init(_ document: JSONDocument, at index: Int) { (self.document, self.index) = (document, index) }

  public var kind: Kind {
    switch document.type(index) {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    case UInt8(ascii: "n"): .null
    default: .number
    }
  }

  public var isNull: Bool { kind == .null }

  /// A fault about this value, for checks that only the reader of the document can make.
  public func fault(_ message: String, _ kind: Fault.Kind = .badInput) -> Fault {
    Fault(kind, "\(place): \(message)")
  }

  public func string() throws(Fault) -> String {
    guard kind == .string else { throw unfit("a string") }
    return document.string(index)
  }

  public func bool() throws(Fault) -> Bool {
    guard kind == .bool else { throw unfit("true or false") }
    return document.type(index) == UInt8(ascii: "t")
  }

  /// A whole number, which may be written `3`, `3.0` or `3e0`.
  public func integer(in range: ClosedRange<Int> = .min ... .max) throws(Fault) -> Int {
    let number: Int?
    switch document.type(index) {
    case UInt8(ascii: "l"): number = Int(truncatingIfNeeded: document.number(index))
    case UInt8(ascii: "u"): number = nil
    case UInt8(ascii: "d"):
      let double = Double(bitPattern: document.number(index))
      guard double.rounded() == double else { throw fault("\(double) is not a whole number") }
      number = Int(exactly: double)
    default: throw unfit("a whole number")
    }
    guard let number, range.contains(number) else { throw outOfRange(number, range) }
    return number
  }

  public func number() throws(Fault) -> Double {
    switch document.type(index) {
    case UInt8(ascii: "l"): Double(Int64(bitPattern: document.number(index)))
    case UInt8(ascii: "u"): Double(document.number(index))
    case UInt8(ascii: "d"): Double(bitPattern: document.number(index))
    default: throw unfit("a number")
    }
  }

  /// One of the cases of a type, by its spelling.
  public func choice<T: RawRepresentable<String> & CaseIterable>(of type: T.Type = T.self) throws(Fault) -> T {
    let text = try string()
    if let value = T(rawValue: text) { return value }
    let known = T.allCases.map(\.rawValue)
    let hint = Suggestion.hint(for: text, among: known)
    throw fault("'\(Self.short(text))' is not known\(hint), expected \(known.joined(separator: ", "))")
  }

  public func elements() throws(Fault) -> JSONElements {
    guard kind == .array else { throw unfit("an array") }
    return JSONElements(self)
  }

  public func members() throws(Fault) -> JSONMembers {
    guard kind == .object else { throw unfit("an object") }
    return JSONMembers(self)
  }

  /// Keys that `Key` does not have are faults with a suggestion, or left alone.
  public func fields<Key: RawRepresentable<String> & CaseIterable>(
    _ keys: Key.Type = Key.self, others: JSONFields<Key>.Others = .refused
  ) throws(Fault) -> JSONFields<Key> { try JSONFields(self, others: others) }

  func unfit(_ expected: String) -> Fault { fault("\(described) stands where \(expected) is expected") }

  /// The value itself where it is short, in the words of a sentence.
  var described: String {
    switch kind {
    case .object: "an object"
    case .array: "an array"
    case .string: "the string \"\(Self.short(document.string(index)))\""
    case .bool: document.type(index) == UInt8(ascii: "t") ? "true" : "false"
    case .null: "null"
    case .number:
      switch document.type(index) {
      case UInt8(ascii: "l"): "\(Int64(bitPattern: document.number(index)))"
      case UInt8(ascii: "u"): "\(document.number(index))"
      default: "\(Double(bitPattern: document.number(index)))"
      }
    }
  }

  private func outOfRange(_ number: Int?, _ range: ClosedRange<Int>) -> Fault {
    let written = number.map(String.init) ?? described
    if range.upperBound == .max, range.lowerBound != .min, number != nil {
      return fault("\(written) is out of range, expected \(range.lowerBound) or more")
    }
    return fault("\(written) is out of range, expected \(range.lowerBound) to \(range.upperBound)")
  }

  static func short(_ text: String) -> String { text.count > 40 ? text.prefix(40) + "…" : text }
}

/// The values of an array, in order.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
  private let document: JSONDocument
  private var next_: Int

  init(_ array: JSONValue) { (document, next_) = (array.document, array.index + 1) }

  public mutating func next() -> JSONValue? {
    guard document.type(next_) != UInt8(ascii: "]") else { return nil }
    defer { next_ = document.end(of: next_) }
    return JSONValue(document, at: next_)
  }
}

/// The keys and values of an object in the order of the text; a key may stand twice.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
  private let document: JSONDocument
  private var next_: Int

  init(_ object: JSONValue) { (document, next_) = (object.document, object.index + 1) }

  public mutating func next() -> (key: String, value: JSONValue)? {
    guard document.type(next_) != UInt8(ascii: "}") else { return nil }
    let value = JSONValue(document, at: next_ + 1)
    defer { next_ = document.end(of: value.index) }
    return (document.string(next_), value)
  }
}
