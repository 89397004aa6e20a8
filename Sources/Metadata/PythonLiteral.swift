/// A value as Python prints it, which is how exporters write names and arguments into files.
///
/// JSON of words and numbers reads alike.
indirect enum PythonLiteral {
  case text(String)
  case number(Double)
  case list([PythonLiteral])
  case map([(key: PythonLiteral, value: PythonLiteral)])
  /// `True`, `None` and other bare words.
  case word(String)

  /// `nil` for anything that is not one whole value.
  init?(_ text: String) {
    var reader = Reader(Array(text.unicodeScalars))
    guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
    self = value
  }

  subscript(_ key: String) -> PythonLiteral? {
    guard case .map(let entries) = self else { return nil }
    return entries.first { if case .text(key) = $0.key { true } else { false } }?.value
  }

  /// The first value of a list or map.
  var first: PythonLiteral? {
    switch self {
    case .list(let values): values.first
    case .map(let entries): entries.first?.value
    default: nil
    }
  }

  var integer: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }

  /// Those of a list, or the only one.
  var integers: [Int] {
    if case .list(let values) = self { values.compactMap(\.integer) } else { integer.map { [$0] } ?? [] }
  }

  /// As a word, whatever it is written as.
  var words: String? {
    switch self {
    case .text(let text), .word(let text): text
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    default: nil
    }
  }

  /// Labels: a list of them, or a map from 0, 1, 2 … to them with no number left out.
  var labels: [String]? {
    switch self {
    case .list(let items):
      let labels = items.compactMap(\.words)
      return labels.count == items.count ? labels : nil
    case .map(let entries):
      var found: [Int: String] = [:]
      for (key, value) in entries {
        guard let number = key.integer ?? key.words.flatMap({ Int($0) }), let label = value.words else { return nil }
        found[number] = label
      }
      let labels = (0..<found.count).compactMap { found[$0] }
      return labels.count == entries.count ? labels : nil
    default: return nil
    }
  }
}

private struct Reader {
  private let text: [Unicode.Scalar]
  private var at = 0

  init(_ text: [Unicode.Scalar]) { self.text = text }

  var isAtEnd: Bool {
    mutating get {
      skip()
      return at == text.count
    }
  }

  private mutating func skip() { while at < text.count, text[at].properties.isWhitespace { at += 1 } }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skip()
    guard at < text.count, text[at] == character else { return false }
    at += 1
    return true
  }

  mutating func value(depth: Int) -> PythonLiteral? {
    skip()
    guard depth < 16, at < text.count else { return nil }
    switch text[at] {
    case "'", "\"": return quoted().map { .text($0) }
    case "[", "(": return list(depth)
    case "{": return map(depth)
    default: return bare()
    }
  }

  private mutating func list(_ depth: Int) -> PythonLiteral? {
    let end: Unicode.Scalar = text[at] == "[" ? "]" : ")"
    at += 1
    var items: [PythonLiteral] = []
    while !take(end) {
      guard let item = value(depth: depth + 1) else { return nil }
      items.append(item)
      guard take(",") || at < text.count && text[at] == end else { return nil }
    }
    return .list(items)
  }

  private mutating func map(_ depth: Int) -> PythonLiteral? {
    at += 1
    var entries: [(key: PythonLiteral, value: PythonLiteral)] = []
    while !take("}") {
      guard let key = value(depth: depth + 1), take(":"), let value = value(depth: depth + 1) else { return nil }
      entries.append((key, value))
      guard take(",") || at < text.count && text[at] == "}" else { return nil }
    }
    return .map(entries)
  }

  private mutating func quoted() -> String? {
    let quote = text[at]
    at += 1
    var found = String.UnicodeScalarView()
    while at < text.count {
      let character = text[at]
      at += 1
      if character == quote { return String(found) }
      guard character == "\\" else {
        found.append(character)
        continue
      }
      guard let plain = escaped() else { return nil }
      found.append(plain)
    }
    return nil
  }

  private mutating func escaped() -> Unicode.Scalar? {
    guard at < text.count else { return nil }
    let kind = text[at]
    at += 1
    let digits: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
    guard let count = digits[kind] else { return ["n": "\n", "t": "\t", "r": "\r"][kind] ?? kind }
    guard at + count <= text.count else { return nil }
    let number = UInt32(String(String.UnicodeScalarView(text[at..<at + count])), radix: 16)
    at += count
    return number.flatMap(Unicode.Scalar.init)
  }

  private mutating func bare() -> PythonLiteral? {
    let start = at
    while at < text.count, !",:]})".unicodeScalars.contains(text[at]), !text[at].properties.isWhitespace { at += 1 }
    guard at > start else { return nil }
    let word = String(String.UnicodeScalarView(text[start..<at]))
    return Double(word).map { .number($0) } ?? .word(word)
  }
}
