public import Base
internal import Catalog
internal import Items

/// Why an answer may lack something that there is: it is told, and what can be found is found.
public struct AnswerGap: Sendable, Hashable {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// Something in the library cannot be read.
    case damaged
    /// An analysis has more moments than are kept.
    case limit
  }

  public let reason: Reason
  /// What is missing, why, and the way out.
  public let message: String

  /// An item that cannot be read.
  static func damaged(_ key: ItemKey) -> AnswerGap {
    let isDerived = key.partition.utf8.starts(with: "MOMENTS#".utf8)
    let way = isDerived ? "'ridley library verify --repair' makes it anew" : "restore a backup (docs/store.md)"
    return AnswerGap(
      reason: .damaged, message: "the item \(key) cannot be read, so what it tells of is not found: \(way)")
  }

  /// Vectors of an asset that cannot be read.
  static func damaged(vectorsOf asset: ULID, series: String) -> AnswerGap {
    AnswerGap(
      reason: .damaged,
      message:
        "the vectors of the asset '\(asset)' by '\(series)' cannot be read, so its frames are not compared: 'ridley library verify --repair' makes them anew"
    )
  }

  /// The members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.field("reason", reason.rawValue)
    json.field("message", message)
  }
}

extension [AnswerGap] {
  /// Of very many the first say enough.
  private static var most: Int { 20 }

  mutating func note(_ gap: AnswerGap) {
    guard count < Self.most, !contains(gap) else { return }
    append(gap)
  }

  mutating func note(_ gaps: [AnswerGap]) { for gap in gaps { note(gap) } }

  /// What `read` makes of an item; `nil`, and noted, where that cannot be read.
  mutating func reading<Value>(_ item: Item, _ read: (Item) throws(Fault) -> Value) throws(Fault) -> Value? {
    do throws(Fault) { return try read(item) } catch {
      guard error.kind == .badInput else { throw error }
      note(.damaged(item.key))
      return nil
    }
  }

  /// The member of an answer's JSON; none where nothing is missing.
  func write(into json: inout JSONWriter) {
    guard !isEmpty else { return }
    json.array("incomplete") { json in for gap in self { json.object(gap.write) } }
  }
}
