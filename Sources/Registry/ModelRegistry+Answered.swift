public import Base
public import Catalog
public import Items
internal import Library
internal import Store

/// Which assets were answered by a version.
extension ModelRegistry {
  /// One analysis in which a version answered.
  public struct Answered: Sendable {
    public let asset: Asset
    public let analysis: Analysis

    public func write(into json: inout JSONWriter) {
      json.field("asset", asset.id.text)
      json.field("client", asset.group.client)
      json.field("name", asset.name)
      json.field("pipeline", analysis.pipeline)
      json.field("series", analysis.series)
      json.field("made", CompositeKey.time(milliseconds: analysis.made))
      json.field("engine", analysis.engine)
    }
  }

  /// Nanoseconds of a step through what older programs made.
  private static let answersStep: UInt64 = 300_000_000

  /// A page of a client's analyses in which a version answered, the newest first; those of other clients are not read.
  ///
  /// A page may be shorter than asked for, and have a next one all the same.
  ///
  /// - Throws: `unavailable` while what older programs made is not gone through; each call does a short step of that where nobody else is at it.
  public func answered(
    by version: RegisteredVersion, of client: String, limit: Int, after token: PageToken? = nil
  ) throws(Fault) -> Page<Answered> {
    guard try library.completeAnswers(before: Clock.now + Self.answersStep).isWhole else {
      throw Fault(
        .unavailable,
        "which assets versions answered about is still being read from analyses of older programs: ask again in some seconds, or let 'ridley model answered \(version.model)@\(version.number) --client NAME' on the library's machine do the rest at once"
      )
    }
    let query = Query(
      LibraryKeys.answersPartition(client), .prefix(LibraryKeys.answers(by: version.digest)), order: .descending,
      limit: limit)
    let page = try table.items(query, after: token)
    var analyses: [ItemKey: Analysis] = [:]
    for item in try table.present(Array(Set(page.elements.compactMap { LibraryKeys.analysis(answer: $0.key) }))) {
      analyses[item.key] = try Analysis(item)
    }
    var assets: [ULID: Asset] = [:]
    for asset in try library.assets(Set(analyses.values.map(\.asset)), scope: .client(client)) {
      assets[asset.id] = asset
    }
    let found = page.elements.compactMap { item -> Answered? in
      guard let key = LibraryKeys.analysis(answer: item.key), let analysis = analyses[key],
        let asset = assets[analysis.asset], LibraryKeys.answers(analysis, of: client).contains(item.key)
      else { return nil }
      return Answered(asset: asset, analysis: analysis)
    }
    return Page(elements: found, next: page.next)
  }

  /// `nil` where it is being deleted.
  private func asset(of analysis: Analysis) throws(Fault) -> Asset? {
    do throws(Fault) { return try library.asset(analysis.asset.text, scope: .all).asset } catch {
      guard error.kind == .notFound else { throw error }
      return nil
    }
  }

  /// The analyses of all clients in which a version answered, the newest first; at most `limit`, and whether there are more.
  ///
  /// By an index of the digests that analyses name: what is read is what is told. One that was made
  /// with something said over the recipe counts for the version that it was made of, where the analysis names that; older analyses do not. An asset that is being deleted is left out.
  public func answered(
    by version: RegisteredVersion, limit: Int
  ) throws(Fault) -> (answers: [Answered], hasMore: Bool) {
    var found: [Answered] = []
    let isMore = try forEachAnalysis(by: version) { (analysis) throws(Fault) in
      guard let asset = try asset(of: analysis) else { return true }
      guard found.count < limit else { return false }
      found.append(Answered(asset: asset, analysis: analysis))
      return true
    }
    return (found, isMore)
  }

  /// Gives each analysis once, the newest first, until `body` wants no more; whether it ended so.
  private func forEachAnalysis(
    by version: RegisteredVersion, _ body: (Analysis) throws(Fault) -> Bool
  ) throws(Fault) -> Bool {
    let (same, changed) = (
      CompositeKey.joined("ANSWERED", version.digest), CompositeKey.joined("ANSWERED-CHANGED", version.digest)
    )
    var walks = LibrarySchema.answered.map { EntryWalk($0, same) }
    walks += LibrarySchema.answeredChanged.map { EntryWalk($0, changed) }
    walks.append(EntryWalk(LibrarySchema.answeredByMany, CompositeKey.joined("ANSWERED-BY-MANY")))
    // One of several places in one pipeline is told once; all have the same moment.
    var (told, moment) = (Set<ItemKey>(), "")
    while true {
      var best: (walk: Int, entry: IndexEntry)?
      for number in walks.indices {
        guard let entry = try walks[number].first(in: table) else { continue }
        if best.map({ entry.sort.utf8.lexicographicallyPrecedes($0.entry.sort.utf8) }) ?? false { continue }
        best = (number, entry)
      }
      guard let best else { return false }
      walks[best.walk].advance()
      let made = CompositeKey.parts(of: best.entry.sort)[0]
      if made != moment { (told, moment) = ([], made) }
      guard told.insert(best.entry.key).inserted, let item = try table.get(best.entry.key) else { continue }
      let analysis = try Analysis(item)
      guard analysis.models.contains(where: { $0.isOf(version.digest) }) else { continue }
      guard try body(analysis) else { return true }
    }
  }
}

/// A way through a partition of an index, from its end.
private struct EntryWalk {
  private let index: IndexDeclaration
  private let partition: String
  private var entries: [IndexEntry] = []
  private var place = 0
  private var next: PageToken?
  private var isAtEnd = false

  init(_ index: IndexDeclaration, _ partition: String) { (self.index, self.partition) = (index, partition) }

  /// The next entry; `nil` at the end.
  mutating func first(in table: any Table) throws(Fault) -> IndexEntry? {
    while place == entries.count, !isAtEnd {
      let page = try table.entries(of: index, Query(partition, order: .descending, limit: 100), after: next)
      (entries, place, next, isAtEnd) = (page.elements, 0, page.next, page.next == nil)
    }
    return place < entries.count ? entries[place] : nil
  }

  mutating func advance() { place += 1 }
}
