internal import Base
internal import Catalog
internal import Items
internal import Store

/// The moments of a film by a series of which an analysis was published.
struct FinishedSet {
  let client: String
  private let asset: ULID
  private let series: String
  /// The scores as they were written.
  private let scores: Item

  /// `nil` for any other change.
  init?(_ change: Change) {
    guard let item = change.after, change.key.partition.utf8.starts(with: "ASSET#".utf8),
      change.key.sort.utf8.starts(with: LibraryKeys.scores.utf8), let scores = try? Scores(item)
    else { return nil }
    (client, asset, series, self.scores) = (scores.group.client, scores.asset, scores.series, item)
  }

  /// What stands there of it: nothing where another analysis took its place, whose change comes; `nil` where it is not written yet.
  ///
  /// What cannot be read is noted.
  func moments(in table: any Table, _ gaps: inout [AnswerGap]) throws(Fault) -> [Moment]? {
    while true {
      let head = LibraryKeys.momentHead(asset, series: series)
      let found = try table.get([LibraryKeys.asset(asset), scores.key, head])
      guard found[0] != nil, found[1]?.version == scores.version else { return [] }
      guard let item = found[2] else { return nil }
      guard let named = try gaps.reading(item, MomentHead.init) else { return [] }
      guard named.generation >= scores.version.number else { return nil }
      let prefix = LibraryKeys.moments(series: series, generation: named.generation)
      var moments: [Moment] = []
      try table.forEach(Query(LibraryKeys.momentPartition(asset), .prefix(prefix), limit: 500)) {
        (item) throws(Fault) in moments += try gaps.reading(item, Moment.init).map { [$0] } ?? []
      }
      // They may have been taken away while they were read.
      if try table.get(head)?.version == item.version { return moments }
    }
  }
}
