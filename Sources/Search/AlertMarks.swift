internal import Base
internal import Catalog
internal import Crypto
internal import Items
internal import Store

/// Which alerts were told of which moments.
///
/// A mark stands as long as what it is about, and as its alert.
struct AlertMarks {
  let table: any Table
  let client: String

  static func key(_ moment: Moment, by alert: SearchAlert) -> ItemKey {
    LibraryKeys.alerted(alert.client, moment.source, words(moment), by: alert.id)
  }

  /// Of its source's moments; that of a film that was analysed anew is the same where it begins as the old one and is called the same.
  private static func words(_ moment: Moment) -> [String] {
    guard case .asset = moment.source else { return words(from: moment.from, moment.id) }
    let names = [moment.series, moment.kind.rawValue, moment.label, moment.text, moment.rule]
    let numbers = [moment.track, moment.offset].map { $0.map(String.init) }
    return [SHA256.hex(of: Array(CompositeKey.joined((names + numbers).map { $0.map { "=" + $0 } ?? "" }).utf8))]
  }

  private static func words(from: Int, _ id: String) -> [String] { [CompositeKey.time(milliseconds: from), id] }

  /// Nothing was told to this client's alerts, or all of it is forgotten.
  func isEmpty() throws(Fault) -> Bool {
    try table.items(Query(LibraryKeys.alertedPartition(client), limit: 1)).elements.isEmpty
  }

  /// Those of a moment of a stream that is gone.
  func forget(_ source: Moment.Source, from: Int, _ id: String) throws(Fault) {
    try forget(LibraryKeys.alerted(source, Self.words(from: from, id)))
  }

  /// Those of an asset that is gone.
  func forget(_ source: Moment.Source) throws(Fault) { try forget(LibraryKeys.alerted(source)) }

  private func forget(_ prefix: String) throws(Fault) {
    let query = Query(LibraryKeys.alertedPartition(client), .prefix(prefix), limit: ItemLimits.writeCount)
    while true {
      let items = try table.items(query).elements
      if items.isEmpty { return }
      _ = try table.write(items.map { .delete($0.key) })
    }
  }

  /// Those of an alert that is gone.
  func forget(_ alert: ULID) throws(Fault) {
    let query = Query(LibraryKeys.alertedPartition(client), limit: ItemLimits.writeCount)
    var token: PageToken?
    repeat {
      let page = try table.items(query, after: token)
      let own = page.elements.filter { CompositeKey.parts(of: $0.key.sort).last == alert.text }
      if !own.isEmpty { _ = try table.write(own.map { .delete($0.key) }) }
      token = page.next
    } while token != nil
  }
}
