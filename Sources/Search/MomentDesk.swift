public import Base
public import Catalog
internal import Crypto
internal import Items
public import Library
public import SearchLanguage
internal import Store

/// Some of what a search finds, the newest first.
public struct SearchAnswer: Sendable {
  /// Each is one moment, or the moments of a sequence in the order of its steps.
  public internal(set) var found: [[Moment]] = []
  /// Where it goes on; `nil` where all was found.
  ///
  /// A page that found little, or nothing, may still have more behind it.
  public internal(set) var next: String?
  /// Moments that were read for it.
  public internal(set) var looked = 0
  /// The stretches of indexes that were read.
  public internal(set) var ways: [String] = []
  /// Labels that are asked for, where nothing is found, and that no moment of the client ever had.
  public internal(set) var unknown: [UnknownLabel] = []
  /// Where nothing is found: what the query asks that no moment can be, and what may have been meant.
  public internal(set) var notes: [String] = []
  /// In milliseconds since 1970: what ended up to then is found.
  public internal(set) var upTo = 0
  /// What may be missing, and why; none where everything is found.
  public internal(set) var incomplete: [AnswerGap] = []
}

/// A label that nothing has, and the one that may have been meant.
public struct UnknownLabel: Sendable, Hashable {
  public let label: String
  public let suggestion: String?
}

/// Finds moments of a library.
///
/// Every search is answered by an index, exactly: what is found equals a look at everything.
public struct MomentDesk: Sendable {
  public let library: Library

  public init(_ library: Library) { self.library = library }

  /// Moments that are read for one page, at most.
  public static let mostLooked = 5000

  /// Which indexes would serve a search; the fault says why none does.
  public func explain(_ query: SearchQuery, client: String, scope: ClientScope) throws(Fault) -> [String] {
    guard scope.covers(client) else { return [] }
    return try SearchPlan(query.steps[0].condition, client: client, library.table).ways.map(\.words)
  }

  /// A page of what is found; `token` is that of the page before, of the same search.
  public func search(
    _ query: SearchQuery, client: String, scope: ClientScope, limit: Int = 50, after token: String? = nil
  ) throws(Fault) -> SearchAnswer {
    var answer = SearchAnswer()
    answer.upTo = try upTo()
    guard scope.covers(client) else { return answer }
    // At one moment, so that no film is found by halves.
    try library.table.atOneMoment { (reader) throws(Fault) in
      try look(query, client, in: reader, limit, token, &answer)
    }
    if token == nil, answer.next == nil, answer.found.isEmpty {
      answer.unknown = try unknown(query, client)
      answer.notes = try notes(query, client)
    }
    return answer
  }

  private func look(
    _ query: SearchQuery, _ client: String, in reader: any TableReader, _ limit: Int, _ token: String?,
    _ answer: inout SearchAnswer
  ) throws(Fault) {
    let plan = try SearchPlan(query.steps[0].condition, client: client, reader)
    answer.ways = plan.ways.map(\.words)
    let order = Self.order(query, client)
    let place = try token.map { (text) throws(Fault) in try PageToken(text: text).place(in: order, index: nil) }
    var walk = MomentWalk(plan, behind: place, reader)
    var sight = MomentSight(client: client, table: reader)
    var chains = ChainFinder(query.steps, client: client, table: reader)
    answer.incomplete = try CutMoments.gaps(query, client: client, in: reader)
    defer { answer.incomplete.note(walk.gaps + sight.gaps) }
    var last: [UInt8]?
    pages: while answer.found.count < limit, answer.looked < Self.mostLooked {
      let entries = try Self.some(&walk, limit)
      if entries.isEmpty { return }
      answer.looked += entries.count
      let moments = Dictionary(try sight.moments(entries.map(\.entry)).map { ($0.itemKey, $0) }) { first, _ in first }
      for entry in entries {
        last = entry.place
        guard let moment = moments[entry.key], query.steps[0].condition.matches(moment) else { continue }
        let chain = try chains.chain(from: moment, &sight)
        answer.looked += chains.looked
        if let chain { answer.found.append(chain) }
        if answer.found.count == limit || answer.looked >= 2 * Self.mostLooked { break pages }
      }
    }
    answer.next = last.map { PageToken(order, index: nil, behind: $0).text }
  }

  private static func some(_ walk: inout MomentWalk, _ limit: Int) throws(Fault) -> [MomentWalk.Entry] {
    var entries: [MomentWalk.Entry] = []
    while entries.count < min(64, max(8, limit)), let entry = try walk.next() { entries.append(entry) }
    return entries
  }

  /// What a token belongs to: the same words of the same client, by the same clocks.
  private static func order(_ query: SearchQuery, _ client: String) -> Query {
    let asked = CompositeKey.joined(query.canonicalText, query.zone)
    return Query(CompositeKey.joined("SEARCH", client, SHA256.hex(of: Array(asked.utf8))), order: .descending)
  }

  /// Brings moments up to date, within so many seconds; `false` where that was not enough.
  @discardableResult
  public func settle(within seconds: Double, complain: @escaping @Sendable (Fault) -> Void = { _ in }) throws(Fault)
    -> Bool
  {
    let deadline = Clock.now + UInt64(seconds * 1e9)
    for part in MomentReader.Part.allCases {
      guard try MomentReader(library: library, part: part, complain: complain).follow(before: deadline) else {
        return false
      }
    }
    try MomentSet.retryMissed(library, complain: complain)
    return true
  }
}

extension SearchAnswer {
  /// The members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.array("found") { json in
      for chain in found { json.array { json in for moment in chain { json.object(moment.write) } } }
    }
    json.field("looked", looked)
    json.field("ways", ways)
    if !unknown.isEmpty {
      json.array("unknown") { json in
        for one in unknown {
          json.object { json in
            json.field("label", one.label)
            json.field("suggestion", ifKnown: one.suggestion)
          }
        }
      }
    }
    if !notes.isEmpty { json.field("notes", notes) }
    incomplete.write(into: &json)
    json.field("asOf", CompositeKey.time(milliseconds: upTo))
    json.field("next", ifKnown: next)
  }
}
