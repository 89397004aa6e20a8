internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import SearchLanguage
internal import Store

/// That an analysis has more moments than are kept, and when those began that are not: written with the head that names those that are.
struct CutMoments: Hashable {
  let client: String
  let asset: ULID
  let series: String
  /// In milliseconds since 1970.
  let range: ClosedRange<Int>

  init(client: String, asset: ULID, series: String, range: ClosedRange<Int>) {
    (self.client, self.asset, self.series, self.range) = (client, asset, series, range)
  }

  private enum Key: String, CaseIterable { case from, to }

  var itemKey: ItemKey { LibraryKeys.cutMoments(client, asset, series: series) }

  var json: [UInt8] {
    JSONWriter.object(capacity: 128) { json in
      json.field("from", range.lowerBound)
      json.field("to", range.upperBound)
    }
  }

  init(_ item: Item) throws(Fault) {
    let fields = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root.fields(Key.self)
    let (owner, parts) = (CompositeKey.parts(of: item.key.partition), CompositeKey.parts(of: item.key.sort))
    guard owner.count == 2, parts.count == 3, let asset = ULID(parts[1]) else {
      throw Fault(.badInput, "the item \(item.key): this is no place of moments that were left out")
    }
    // No moment is at the very end of what a number holds.
    let times = 0...Int.max / 2
    let (from, to) = (try fields.required(.from).integer(in: times), try fields.required(.to).integer(in: times))
    self.init(
      client: owner[1], asset: asset, series: parts[2], range: min(from, to)...max(from, to))
  }

  /// What the answers to a query may lack because of them.
  static func gaps(_ query: SearchQuery, client: String, in table: any TableReader) throws(Fault) -> [AnswerGap] {
    let all = Query(LibraryKeys.vocabularyPartition(client), .prefix(LibraryKeys.cutMoments), limit: 500)
    var gaps: [AnswerGap] = []
    try table.forEach(all) { (item) throws(Fault) in
      guard let cut = try gaps.reading(item, CutMoments.init) else { return }
      if query.steps.contains(where: { cut.mayFit($0.condition) }) { gaps.note(cut.gap) }
    }
    return gaps
  }

  var gap: AnswerGap {
    let (from, to) = (
      CompositeKey.time(milliseconds: range.lowerBound), CompositeKey.time(milliseconds: range.upperBound)
    )
    return AnswerGap(
      reason: .limit,
      message:
        "the asset '\(asset)' has more moments by '\(series)' than are kept: of those that began from \(from) to \(to) some are not found: analyse it in parts"
    )
  }

  private func mayFit(_ condition: Condition) -> Bool {
    condition.range.overlaps(range.lowerBound..<range.upperBound + 1)
      && condition.conjuncts.allSatisfy { part in
        switch part {
        case .name(.stream, _): false
        case .name(.asset, let pattern): pattern.matches(asset.text)
        case .name(.series, let pattern): pattern.matches(series)
        case .any(let parts): parts.contains { mayFit($0) }
        default: true
        }
      }
  }
}
