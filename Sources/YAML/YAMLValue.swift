public import Base

/// One value of a document on its way to a type: strict, and every fault names the place and what was expected.
public struct YAMLValue: Sendable {
  public let node: YAMLNode
  /// How faults name it: the key it is set to, or `item 3 of strides`.
  public let what: String
  /// The document's name.
  public let document: String

  public init(_ node: YAMLNode, what: String, document: String) {
    (self.node, self.what, self.document) = (node, what, document)
  }

  /// A fault about this value; for checks that only the reader of the document can make.
  public func fault(_ message: String) -> Fault {
    Fault(.badInput, "\(document):\(node.place.line):\(node.place.column): \(message)")
  }

  /// Text as written, quoted or not, on one line or many.
  public func text() throws(Fault) -> String {
    guard case .scalar(let text, let quoted) = node.kind else { throw unfit("text") }
    guard quoted || !Self.nothing.contains(text) else { throw fault("\(what) has no value") }
    return text
  }

  public func wholeNumber(in range: ClosedRange<Int>, example: Int) throws(Fault) -> Int {
    let text = try bare("a whole number", "\(example)")
    guard let number = Int(text) else { throw unfit("a whole number", text, "\(example)") }
    guard range.contains(number) else {
      throw fault("\(number) is out of range for \(what), expected \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A finite decimal number.
  public func number(example: String) throws(Fault) -> Float {
    let text = try bare("a number", example)
    let decimal = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
    guard decimal, let number = Float(text), number.isFinite else { throw unfit("a number", text, example) }
    return number
  }

  public func flag() throws(Fault) -> Bool {
    switch try bare("true or false", nil) {
    case "true": return true
    case "false": return false
    case let text: throw fault("'\(text)' is not allowed for \(what), expected true or false")
    }
  }

  /// One of the cases of a type, by its spelling.
  public func choice<T: RawRepresentable<String> & CaseIterable>(of type: T.Type = T.self) throws(Fault) -> T {
    let text = try text()
    if let value = T(rawValue: text) { return value }
    let known = T.allCases.map(\.rawValue)
    let hint = Suggestion.hint(for: text, among: known)
    throw fault("'\(text)' is not allowed for \(what)\(hint), expected \(Self.list(known))")
  }

  public func items() throws(Fault) -> [YAMLValue] {
    guard case .list(let items) = node.kind else { throw unfit("a list") }
    return items.enumerated().map { YAMLValue($1, what: "item \($0 + 1) of \(what)", document: document) }
  }

  /// The values of a list; a single value counts as a list of one.
  public func itemsOrOne() throws(Fault) -> [YAMLValue] {
    if case .scalar = node.kind { return [self] }
    return try items()
  }

  public var isList: Bool { if case .list = node.kind { true } else { false } }

  public func fields<Key: RawRepresentable<String> & CaseIterable & Hashable>(
    _ keys: Key.Type = Key.self
  ) throws(Fault) -> YAMLFields<Key> { try YAMLFields(self) }

  /// Words as a sentence has them: `a, b or c`.
  static func list(_ words: [String]) -> String {
    guard words.count > 1 else { return words.joined() }
    return words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
  }

  static let nothing: Set<String> = ["", "~", "null", "Null", "NULL"]

  /// A scalar without quotes, which is how numbers and flags are written.
  private func bare(_ kind: String, _ example: String?) throws(Fault) -> String {
    let text = try text()
    guard case .scalar(_, quoted: false) = node.kind else {
      throw fault("\"\(text)\" is text, \(what) must be \(kind): write it without quotes")
    }
    return text
  }

  private func unfit(_ expected: String, _ text: String, _ example: String) -> Fault {
    fault("'\(text)' is not \(expected) for \(what), expected e.g. \(example)")
  }

  /// A fault that says what stands there, and what was expected.
  public func unfit(_ expected: String) -> Fault {
    switch node.kind {
    case .scalar(let text, let quoted) where !quoted && Self.nothing.contains(text): fault("\(what) has no value")
    case .scalar(let text, _): fault("'\(text)' is a single value, \(what) must be \(expected)")
    case .list: fault("this is a list, \(what) must be \(expected)")
    case .map: fault("this is a group of keys, \(what) must be \(expected)")
    }
  }
}
