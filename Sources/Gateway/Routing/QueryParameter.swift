internal import Base

/// A parameter behind the question mark: what its text is read as, and what the description of all routes says of it.
struct QueryParameter<Value: Sendable>: Sendable {
  let name: String
  /// What it may be, for the refusal of something else.
  let expectation: String
  let documentation: ParameterDocument
  let read: @Sendable (String) -> Value?

  init(
    _ name: String, component: String, _ text: String, schema: Document, expectation: String,
    read: @escaping @Sendable (String) -> Value?
  ) {
    (self.name, self.expectation, self.read) = (name, expectation, read)
    documentation = ParameterDocument(component, name, in: .query, text, schema: schema)
  }
}

extension QueryParameter where Value == Bool {
  /// `1`, `true` or the name alone for yes, `0` or `false` for no.
  static func flag(_ name: String, component: String, _ text: String) -> QueryParameter {
    QueryParameter(
      name, component: component, text, schema: ["type": "string", "enum": ["0", "1"]], expectation: "1 or 0"
    ) { ["", "1", "true"].contains($0) ? true : ["0", "false"].contains($0) ? false : nil }
  }
}

extension QueryParameter where Value == Double {
  /// A time as everywhere, `250ms`, `1.5s` or `2m`, or a number alone, which is seconds.
  static func seconds(
    _ name: String, component: String, _ text: String, in range: ClosedRange<Double>
  ) -> QueryParameter {
    QueryParameter(
      name, component: component, text,
      schema: ["type": "number", "minimum": .decimal(range.lowerBound), "maximum": .decimal(range.upperBound)],
      expectation: "seconds from \(range.lowerBound) to \(Int(range.upperBound))"
    ) { text in Units.seconds(text, orPlain: true).flatMap { range.contains($0) ? $0 : nil } }
  }
}

extension QueryParameter where Value == Double {
  /// A number from 0 to 1.
  static func share(_ name: String, component: String, _ text: String) -> QueryParameter {
    QueryParameter(
      name, component: component, text, schema: ["type": "number", "minimum": 0, "maximum": 1],
      expectation: "a number from 0 to 1"
    ) { text in Double(text).flatMap { (0...1).contains($0) ? $0 : nil } }
  }
}

extension QueryParameter where Value == Int {
  static func count(_ name: String, component: String, _ text: String, in range: ClosedRange<Int>) -> QueryParameter {
    QueryParameter(
      name, component: component, text,
      schema: [
        "type": "integer", "minimum": .decimal(Double(range.lowerBound)), "maximum": .decimal(Double(range.upperBound)),
      ],
      expectation: "a whole number from \(range.lowerBound) to \(range.upperBound)"
    ) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
  }
}

extension QueryParameter where Value == [String] {
  /// One word or several, with commas between them.
  static func words(_ name: String, component: String, _ text: String) -> QueryParameter {
    QueryParameter(
      name, component: component, text, schema: ["type": "string", "minLength": 1],
      expectation: "one word or more with commas between them"
    ) { text in
      let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return words.contains("") ? nil : words
    }
  }
}

/// What stands behind a question mark, by name; of two values of one name the later counts.
struct Query: Sendable {
  private var values: [String: String] = [:]

  /// Reads `a=1&b=2`, `+` being a blank; names that are not among `known` are refused.
  init(_ text: String?, known: [String]) throws(Failure) {
    for pair in (text ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try Self.word(parts[0])
      guard known.contains(name) else {
        let hint = Suggestion.hint(for: name, among: known)
        let all = known.dropLast().joined(separator: ", ") + (known.count > 1 ? " and " : "") + (known.last ?? "")
        let are = known.count > 1 ? "are" : "is"
        throw Failure(Fault(.badInput, "there is no parameter '\(name)'\(hint): \(all) \(are) known"))
      }
      values[name] = parts.count == 2 ? try Self.word(parts[1]) : ""
    }
  }

  private static func word(_ text: Substring) throws(Failure) -> String {
    guard let word = PercentCoding.decode(Substring(text.replacing("+", with: " "))) else {
      throw Failure(Fault(.badInput, "'\(text)' in the query is not well formed: write a '%' as %25"))
    }
    return String(word)
  }

  /// `nil` where it is not there; what is no value of the parameter is refused.
  func callAsFunction<Value>(_ parameter: QueryParameter<Value>) throws(Failure) -> Value? {
    guard let text = values[parameter.name] else { return nil }
    guard let value = parameter.read(text) else {
      throw Failure(Fault(.badInput, "\(parameter.name) is '\(text)', and \(parameter.expectation) is needed"))
    }
    return value
  }
}
