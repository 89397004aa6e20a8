public import Base

/// Everything that is wrong with a document, told together.
public struct Diagnostics {
  private let document: String
  private var found: [(place: YAMLPlace, message: String)] = []

  public init(document: String) { self.document = document }

  public var isEmpty: Bool { found.isEmpty }

  public mutating func add(_ place: YAMLPlace, _ message: String) {
    found.append((place, "\(document):\(place.line):\(place.column): \(message)"))
  }

  public mutating func add(_ value: YAMLValue, _ message: String) { add(value.node.place, message) }

  /// What `read` makes of the value, or `nil` and a diagnostic.
  public mutating func attempt<T>(_ value: YAMLValue, _ read: (YAMLValue) throws(Fault) -> T) -> T? {
    do throws(Fault) { return try read(value) } catch {
      found.append((value.node.place, error.message))
      return nil
    }
  }

  /// Does what may fail, and notes its fault, which carries its own place.
  public mutating func attempt<T>(at value: YAMLValue, _ read: () throws(Fault) -> T) -> T? {
    do throws(Fault) { return try read() } catch {
      found.append((value.node.place, error.message))
      return nil
    }
  }

  /// One fault for all of them, in the order of the document; `nil` where there is none.
  public var fault: Fault? {
    let sorted = found.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
    let messages = sorted.map(\.element.message)
    guard let first = messages.first else { return nil }
    guard messages.count > 1 else { return Fault(.badInput, first) }
    let list = messages.map { "\n  \($0)" }.joined()
    return Fault(.badInput, "\(document): \(messages.count) things are wrong:\(list)")
  }

  /// Words as a sentence has them: `a, b or c`.
  public static func list(_ words: [String]) -> String {
    guard words.count > 1 else { return words.joined() }
    return words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
  }
}

private func < (a: (YAMLPlace, Int), b: (YAMLPlace, Int)) -> Bool {
  (a.0.line, a.0.column, a.1) < (b.0.line, b.0.column, b.1)
}
