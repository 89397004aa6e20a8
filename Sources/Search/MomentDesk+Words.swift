public import Base
public import Catalog
internal import Items
internal import Library
public import SearchLanguage
internal import Store

extension MomentDesk {
  /// How what is being typed may go on: words as they are put there, of this client's moments alone.
  public func completions(
    _ completion: QueryCompletion, client: String, scope: ClientScope, limit: Int = 20
  ) throws(Fault) -> [String] {
    guard scope.covers(client) else { return [] }
    let prefix = completion.prefix
    switch completion.subject {
    case .value(let field): return Self.values(field).filter { $0.hasPrefix(prefix) }
    case .name(.kind): return Moment.Kind.allCases.map(\.rawValue).filter { $0.hasPrefix(prefix) }
    case .name(let field):
      return try words(field, beginning: prefix, client: client, scope: scope, limit: limit).map(completion.spelling)
    case .word:
      let labels = try words(.label, beginning: prefix, client: client, scope: scope, limit: limit)
      let fields = prefix.isEmpty ? [] : QueryCompletion.fields.filter { $0.hasPrefix(prefix) }
      return fields + labels.map(completion.spelling)
    }
  }

  private static func values(_ field: String) -> [String] {
    switch field {
    case "after", "before", "on": ["today", "yesterday", "\"last monday\"", "\"this week\"", "\"1 hour ago\""]
    case "state": ["open", "over"]
    case "score": [">.5", ">.8"]
    case "duration": [">10s", ">1m"]
    default: []
    }
  }

  /// Words that a client's moments have in a field and that begin so, in the order of their bytes.
  ///
  /// Some may have no moment any more, where they are no labels.
  public func words(
    _ field: Condition.Field, beginning prefix: String, client: String, scope: ClientScope, limit: Int = 20
  ) throws(Fault) -> [String] {
    guard scope.covers(client), let kept = MomentWords.Field(field) else { return [] }
    let mark = field == .asset ? "asset:" : field == .stream ? "stream:" : ""
    let range = CompositeKey.prefix(kept.rawValue) + CompositeKey.joined(mark + prefix)
    let query = Query(LibraryKeys.vocabularyPartition(client), .prefix(range), limit: limit)
    var found: [String] = []
    for item in try library.table.items(query).elements {
      guard let word = CompositeKey.parts(of: item.key.sort).last else { continue }
      if field == .label, try !hasMoments(label: word, client) { continue }
      found.append(String(word.dropFirst(mark.count)))
    }
    return found
  }

  /// What a search asks for by name and what nothing is called, with what may have been meant.
  func unknown(_ query: SearchQuery, _ client: String) throws(Fault) -> [UnknownLabel] {
    var (unknown, known) = ([UnknownLabel](), [String]?.none)
    for label in query.steps.flatMap({ Self.labels($0.condition) }) {
      guard unknown.count < 8, label.utf8.count <= 200, !unknown.contains(where: { $0.label.hasSameBytes(as: label) }),
        try library.table.get(LibraryKeys.word(client, MomentWords.Field.label.rawValue, label)) == nil
      else { continue }
      if known == nil { known = try words(.label, beginning: "", client: client, scope: .all, limit: 200) }
      unknown.append(UnknownLabel(label: label, suggestion: Suggestion.closest(to: label, among: known ?? [])))
    }
    return unknown
  }

  /// Signs of other languages, which are labels here, and conditions that no moment can fulfil together.
  func notes(_ query: SearchQuery, _ client: String) throws(Fault) -> [String] {
    var notes: [String] = []
    for step in query.steps {
      if step.condition.range.isEmpty {
        notes.append(
          "no moment begins when this asks for: its times leave none, such as one that is before what it is after")
      }
      let signs = Self.labels(step.condition).compactMap(Self.sign)
      notes += signs
      var labels: [String] = []
      for case .name(.label, let pattern) in step.condition.conjuncts {
        guard let label = pattern.literal, !labels.contains(where: { $0.hasSameBytes(as: label) }) else { continue }
        labels.append(label)
      }
      guard signs.isEmpty, labels.count > 1 else { continue }
      let whole = labels.joined(separator: " ")
      let word = LibraryKeys.word(client, MomentWords.Field.label.rawValue, whole.asName)
      let isKnown = try library.table.get(word) != nil
      notes.append(
        isKnown && whole.utf8.count <= 200
          ? "one label is '\(whole)': write it in quotes, \"\(whole)\""
          : "a moment has one label, so none is both '\(labels[0])' and '\(labels[1])': write \(labels[0]),\(labels[1]) for either, or \(labels[0]) near \(labels[1]) for one beside the other"
      )
    }
    return notes
  }

  /// What is written here for a sign of another language.
  private static func sign(_ label: String) -> String? {
    let way: String
    switch label {
    case "|", "||": way = "write OR"
    case "&", "&&", "+": way = "leave it out, or write AND"
    case "!", "~": way = "write NOT"
    default:
      if label.utf8.count > 1, label.utf8.first == UInt8(ascii: "!") {
        way = "write -\(label.dropFirst()) for what is not so"
      } else if label.utf8.count > 1, [label.utf8.first, label.utf8.last].contains(UInt8(ascii: "'")) {
        way = "quotes are \""
      } else {
        return nil
      }
    }
    return "'\(label)' is taken for a label: \(way)"
  }

  private static func labels(_ condition: Condition) -> [String] {
    switch condition {
    case .all(let parts), .any(let parts): parts.flatMap(labels)
    case .name(.label, let pattern): pattern.literal.map { [$0] } ?? []
    default: []
    }
  }

  private func hasMoments(label: String, _ client: String) throws(Fault) -> Bool {
    let partition = CompositeKey.joined("CLIENT", client, "MOMENTS", "LABEL", label)
    return try !library.table.entries(of: LibrarySchema.momentLabel, Query(partition, limit: 1)).elements.isEmpty
  }

  /// The moment up to which everything that was written is found, in milliseconds since 1970.
  public func upTo() throws(Fault) -> Int {
    var moment = library.now
    for part in MomentReader.Part.allCases {
      guard let item = try library.table.get(part.position) else { return 0 }
      do throws(Fault) {
        // What is there and may not be given to readers yet is not found either.
        let next = try library.table.oldestTime(after: try ReaderPosition.read(item))
        if let next { moment = min(moment, next * 1000) }
      } catch {
        guard [.notFound, .badInput].contains(error.kind) else { throw error }
        return 0
      }
    }
    return moment
  }
}

extension MomentWords.Field {
  init?(_ field: Condition.Field) {
    switch field {
    case .label: self = .label
    case .zone: self = .zone
    case .trait: self = .trait
    case .rule: self = .rule
    case .series: self = .series
    case .stream, .asset: self = .place
    case .kind: return nil
    }
  }
}
