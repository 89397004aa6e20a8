internal import Base
internal import Catalog
internal import Items
internal import Library
internal import SearchLanguage
internal import Store

/// One stretch of one index, newest first.
struct Way {
  enum Kind {
    case entries(IndexDeclaration)
    /// By the index of words, all at once.
    case text(Phrase)
  }

  let kind: Kind
  let partition: String
  /// For people.
  let words: String

  var bytes: [UInt8] {
    switch kind {
    case .entries(let index): Array("\(index.name)\n\(partition)".utf8)
    case .text(let phrase): Array("\n\(phrase.isPrefix)\n\(phrase.text)".utf8)
    }
  }
}

/// Which stretches of which indexes hold all that one step of a query can find.
struct SearchPlan {
  let ways: [Way]
  /// When what is found can have begun, in milliseconds since 1970.
  let range: Range<Int>

  /// Different names that a pattern may stand for.
  private static let mostNames = 200
  /// Stretches of one search.
  private static let mostWays = 256
  /// Places and labels that are looked up in pairs.
  private static let mostPairs = 32

  /// Faults are `badInput`: no index serves it.
  init(_ condition: Condition, client: String, _ table: any TableReader) throws(Fault) {
    range = condition.range.clamped(to: 0..<Self.end)
    let planner = Planner(client: client, table: table)
    if let ways = try planner.ways(condition) {
      // By bytes: two spellings of `é` are two names.
      var known: Set<[UInt8]> = []
      self.ways = ways.filter { known.insert($0.bytes).inserted }
      guard self.ways.count <= Self.mostWays else {
        throw Fault(
          .badInput,
          "this search reads more than \(Self.mostWays) stretches of indexes: ask for fewer names, or in several searches"
        )
      }
      return
    }
    guard condition == .all([]) || condition.range.lowerBound > 0 || Self.isTimes(condition) else {
      throw Fault(
        .badInput,
        "no index serves this search: say a label, a zone, a stream, an asset or words that were read, or from when on ('after:'); a pattern that fits more than \(Self.mostNames) labels is none"
      )
    }
    ways = [planner.everything]
  }

  static let end = 253_402_300_800_000

  /// It asks for nothing but when.
  private static func isTimes(_ condition: Condition) -> Bool {
    switch condition {
    case .began, .daily: true
    case .all(let parts), .any(let parts): parts.allSatisfy(isTimes)
    case .not(let part): isTimes(part)
    default: false
    }
  }

  /// The sort keys of moments that began in a range.
  static func keys(_ range: Range<Int>) -> Query.Range {
    .between(
      CompositeKey.time(milliseconds: range.lowerBound),
      CompositeKey.joined(CompositeKey.time(milliseconds: range.upperBound - 1), "~"))
  }
}

extension SearchPlan {
  private struct Planner {
    let client: String
    let table: any TableReader

    var everything: Way { way(LibrarySchema.moments, [], "every moment") }

    private func way(_ index: IndexDeclaration, _ parts: [String], _ words: String) -> Way {
      Way(
        kind: .entries(index), partition: CompositeKey.joined(["CLIENT", client, "MOMENTS"] + parts), words: words)
    }

    /// `nil` where nothing in it has an index.
    func ways(_ condition: Condition) throws(Fault) -> [Way]? {
      switch condition {
      case .all: return try narrowest(condition.conjuncts)
      case .any(let parts):
        var ways: [Way] = []
        for part in parts {
          guard let some = try self.ways(part) else { return nil }
          ways += some
        }
        return ways
      case .name: return try narrowest([condition])
      case .text(let phrase):
        let partition = CompositeKey.joined("CLIENT", client, "MOMENTS")
        return [Way(kind: .text(phrase), partition: partition, words: "words that were read")]
      default: return nil
      }
    }

    /// Of conditions that must all hold, the ways of the one that lets the fewest through, as far as can be said without reading.
    private func narrowest(_ parts: [Condition]) throws(Fault) -> [Way]? {
      let labels = try names(of: .label, parts)
      let places = places(parts)
      if let labels, let places, labels.count * places.count <= SearchPlan.mostPairs {
        return places.flatMap { place in
          labels.map { label in
            way(LibrarySchema.momentSight, ["PLACE", place, "LABEL", label], "label '\(label)' in \(place)")
          }
        }
      }
      for part in parts { if case .text = part { return try ways(part) } }
      if let labels {
        return labels.map { way(LibrarySchema.momentLabel, ["LABEL", $0], "label '\($0)'") }
      }
      if let zones = try names(of: .zone, parts) {
        return zones.map { way(LibrarySchema.momentZone, ["ZONE", $0], "zone '\($0)'") }
      }
      if let places { return places.map { way(LibrarySchema.momentPlace, ["PLACE", $0], $0) } }
      for part in parts {
        guard case .any = part, let ways = try ways(part) else { continue }
        return ways
      }
      return nil
    }

    /// The names that a field can have, by the conditions that say something of it; `nil` where none does.
    private func names(of field: Condition.Field, _ parts: [Condition]) throws(Fault) -> [String]? {
      var patterns: [Pattern]?
      for part in parts {
        guard let some = Self.patterns(of: field, part), some.count < patterns?.count ?? .max else { continue }
        patterns = some
      }
      guard let patterns else { return nil }
      var names: [String] = []
      for pattern in patterns {
        if let name = pattern.literal {
          names.append(name)
        } else {
          // What stands for nearly everything leads nowhere.
          guard let some = try known(field, pattern) else { return nil }
          names += some
        }
      }
      var told: Set<[UInt8]> = []
      // What is longer nothing is called.
      return names.filter { told.insert(Array($0.utf8)).inserted && $0.utf8.count <= 200 }
    }

    /// Of a condition that is about this field alone.
    private static func patterns(of field: Condition.Field, _ condition: Condition) -> [Pattern]? {
      switch condition {
      case .name(field, let pattern): return [pattern]
      case .any(let parts):
        var found: [Pattern] = []
        for part in parts {
          guard let some = patterns(of: field, part) else { return nil }
          found += some
        }
        return found
      default: return nil
      }
    }

    /// Names that there are and that fit; `nil` for too many to look each up.
    private func known(_ field: Condition.Field, _ pattern: Pattern) throws(Fault) -> [String]? {
      let names = try Vocabulary(table: table, client: client).words(field == .label ? .label : .zone, pattern)
      return names.flatMap { $0.count <= SearchPlan.mostNames ? $0 : nil }
    }

    private func places(_ parts: [Condition]) -> [String]? {
      for part in parts {
        let assets = Self.patterns(of: .asset, part)?.map { ($0, "asset:") }
        guard let found = assets ?? Self.patterns(of: .stream, part)?.map({ ($0, "stream:") }) else { continue }
        let names = found.compactMap { pattern, mark in pattern.literal.map { mark + $0 } }
        if names.count == found.count { return names.filter { $0.utf8.count <= 200 } }
      }
      return nil
    }
  }
}

/// The words that a client's moments are called by.
struct Vocabulary {
  let table: any TableReader
  let client: String

  private static let mostRead = 5000

  /// Those that fit a pattern, in the order of their bytes; `nil` where too many begin as it does.
  ///
  /// Some may have no moment any more.
  func words(_ field: MomentWords.Field, _ pattern: Pattern) throws(Fault) -> [String]? {
    var (found, token, read) = ([String](), PageToken?.none, 0)
    let prefix = CompositeKey.prefix(field.rawValue) + CompositeKey.joined(pattern.prefix)
    repeat {
      let query = Query(LibraryKeys.vocabularyPartition(client), .prefix(prefix), limit: ItemLimits.pageCount)
      let page = try table.items(query, after: token)
      for item in page.elements {
        guard let word = CompositeKey.parts(of: item.key.sort).last, pattern.matches(word) else { continue }
        found.append(word)
      }
      read += page.elements.count
      token = page.next
      guard read <= Self.mostRead else { return nil }
    } while token != nil
    return found
  }
}
