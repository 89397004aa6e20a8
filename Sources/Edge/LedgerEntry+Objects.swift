internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Objects

extension LedgerEntry {
  /// The asset that the contents of an entry of a recording are.
  static func recording(_ body: [UInt8]) throws(Fault) -> Asset {
    try Asset(Item(key: LibraryKeys.outboxPosition, version: ItemVersion(1), body: body))
  }

  /// What it is about, as far as that can be read.
  var objects: [ObjectName] {
    guard let body else { return [] }
    switch kind {
    case .event, .gap: return []
    case .picture: return (try? PictureNote(body)).flatMap { ObjectName($0.object) }.map { [$0] } ?? []
    case .recording: return (try? Self.recording(body)).flatMap { ObjectName($0.object) }.map { [$0] } ?? []
    case .analysis: return (try? ForwardedAnalysis(body))?.objects ?? []
    }
  }
}
