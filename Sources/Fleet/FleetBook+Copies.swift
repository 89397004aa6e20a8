public import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Store

/// Nodes of which somebody has a copy: two spoke with one key, by turns.
extension FleetBook {
  private enum Key: String, CaseIterable { case at }

  /// Milliseconds for which that is told after it was seen last.
  public static let copyMemory = 600_000

  /// Writes down that it was seen now; `true` where that is news.
  public func noteCopy(of name: NodeName) throws(Fault) -> Bool {
    let isNews = try !isCopied(name)
    let body = JSONWriter.object(capacity: 32) { $0.field("at", library.now) }
    _ = try library.table.write([.put(LibraryKeys.fleetCopy(name.text), body)])
    return isNews
  }

  public func isCopied(_ name: NodeName) throws(Fault) -> Bool {
    try library.table.get(LibraryKeys.fleetCopy(name.text)).map { (item) throws(Fault) in try isRecent(item) } ?? false
  }

  /// By their names.
  func copied() throws(Fault) -> Set<String> {
    var names: Set<String> = []
    try library.table.forEach(Query(LibraryKeys.fleetCopies)) { (item) throws(Fault) in
      if try isRecent(item) { names.insert(item.key.sort) }
    }
    return names
  }

  private func isRecent(_ item: Item) throws(Fault) -> Bool {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let at = try document.root.fields(Key.self, others: .ignored).required(.at).integer(in: 0 ... .max)
    return library.now - at < Self.copyMemory
  }
}
