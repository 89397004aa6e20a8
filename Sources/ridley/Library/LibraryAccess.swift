import Base
import Catalog
import Exports
import Items
import Library
import MediaProcess
import Search

/// What commands ask of a library, whether it is a folder here or behind a server, so that each command is written once.
protocol LibraryAccess {
  /// Whose assets are meant where the command line does not say.
  func usualClient() throws(Fault) -> String

  func clients() throws(Fault) -> [Client]
  /// Bytes of the client's assets.
  func storedByteCount(of client: String) throws(Fault) -> Int

  func list(_ filter: AssetFilter, limit: Int, after token: PageToken?) throws(Fault) -> Page<Asset>
  func asset(_ id: String) throws(Fault) -> (asset: Asset, analyses: [Analysis])
  func renditions(of asset: Asset) throws(Fault) -> [KeptRendition]

  /// Adds a file; `progress` hears how many of its bytes are there.
  func add(
    _ path: String, _ draft: AssetDraft, progress: @escaping (Int) -> Void
  ) throws(Fault) -> AddedFile
  func update(_ id: String, _ edit: AssetEdit) throws(Fault)
  /// Deletes assets one after the other, with everything that was made of them.
  func delete(_ ids: [String]) throws(Fault)

  /// The totals of exactly one group, or of every brand or campaign of its client; and the moment up to which they hold every change, in
  /// seconds since 1970, 0 where there is none.
  func totals(of group: AssetGroup, each level: AssetLevel?) throws(Fault) -> (answers: [TotalAnswer], moment: Int)

  /// What is found, as JSON that is told as it is.
  func search(_ ask: SearchAsk) throws(Fault) -> [UInt8]
  /// How a query is understood, likewise.
  func explain(_ ask: SearchAsk) throws(Fault) -> [UInt8]
  /// What looks like a moment or a picture, likewise.
  func similar(_ ask: SimilarAsk) throws(Fault) -> [UInt8]
  /// What is nearly the same, likewise.
  func duplicates(_ ask: SimilarAsk) throws(Fault) -> [UInt8]

  /// Alerts and links to searches, as JSON likewise.
  func addAlert(_ name: String, _ ask: SearchAsk) throws(Fault) -> [UInt8]
  func alerts(of client: String) throws(Fault) -> [UInt8]
  func removeAlert(_ name: String, client: String) throws(Fault)
  func addShare(_ draft: ShareDesk.Draft, client: String) throws(Fault) -> [UInt8]
  func shares(of client: String) throws(Fault) -> [UInt8]
  func revokeShare(_ id: String, client: String) throws(Fault)
  func shareUses(_ id: String, client: String) throws(Fault) -> [UInt8]

  func trace(_ asset: Asset, _ analysis: Analysis, prediction number: Int) throws(Fault) -> TracedPrediction
  /// The frame as JPEG that a trace led to.
  func picture(_ trace: TracedPrediction, _ asset: Asset, _ analysis: Analysis) throws(Fault) -> [UInt8]
  func export(
    _ asset: Asset, _ analysis: Analysis, as kind: ExportKind, _ options: ExportOptions,
    to sink: @escaping ([UInt8]) throws(Fault) -> Void
  ) throws(Fault)

  /// Before a command that wrote ends: totals hold what it did.
  func settle() throws(Fault)
}

/// What adding a file gave.
struct AddedFile {
  /// The asset's.
  let id: String
  /// `false` where the group had an asset of the same bytes and name.
  let isNew: Bool
}

/// The library of a folder on this machine.
final class LocalLibrary: LibraryAccess {
  let library: Library
  private lazy var examiner = PoolExaminer()
  private lazy var finder = PoolFrames(pool: MediaPool(limit: 1), seconds: 600)
  private var found: PredictionTrace?

  init(_ library: Library) { self.library = library }

  func usualClient() -> String { GroupOptions.usualClient }

  func clients() throws(Fault) -> [Client] { try library.clients(scope: .all) }

  func storedByteCount(of client: String) throws(Fault) -> Int { try library.storedByteCount(of: client) }

  func list(_ filter: AssetFilter, limit: Int, after token: PageToken?) throws(Fault) -> Page<Asset> {
    try library.list(filter, scope: .all, limit: limit, after: token)
  }

  func asset(_ id: String) throws(Fault) -> (asset: Asset, analyses: [Analysis]) {
    let asset = try library.asset(id, scope: .all).asset
    return (asset, try library.analyses(of: asset))
  }

  func renditions(of asset: Asset) throws(Fault) -> [KeptRendition] { try library.renditions(of: asset.id) }

  func add(_ path: String, _ draft: AssetDraft, progress: @escaping (Int) -> Void) throws(Fault) -> AddedFile {
    let added = try library.add(file: path, draft, scope: .all, examiner: examiner, progress: progress)
    return AddedFile(id: added.asset.id.text, isNew: added.isNew)
  }

  func update(_ id: String, _ edit: AssetEdit) throws(Fault) { _ = try library.update(id, edit, scope: .all) }

  func delete(_ ids: [String]) throws(Fault) {
    for id in ids { try library.delete(id, scope: .all) }
    try settle()
    _ = try library.collect()
  }

  func totals(of group: AssetGroup, each level: AssetLevel?) throws(Fault) -> (answers: [TotalAnswer], moment: Int) {
    let moment = try library.totalsMoment(within: 30)
    var (answers, token) = ([TotalAnswer](), PageToken?.none)
    repeat {
      let page =
        if let level {
          try library.totals(ofEach: level, of: group.client, scope: .all, limit: 1000, after: token)
        } else {
          try library.totals(of: group, scope: .all, limit: 1000, after: token)
        }
      answers += page.elements
      token = page.next
    } while token != nil
    return (answers, moment)
  }

  func trace(_ asset: Asset, _ analysis: Analysis, prediction number: Int) throws(Fault) -> TracedPrediction {
    let trace = try library.trace(asset, analysis, prediction: number, finder: finder)
    found = trace
    return try TracedPrediction(JSONWriter.object(capacity: 1 << 14) { trace.write(into: &$0, picture: nil) })
  }

  func picture(_ trace: TracedPrediction, _ asset: Asset, _ analysis: Analysis) throws(Fault) -> [UInt8] {
    if let frame = found?.frame, frame.digest == trace.digest { return frame.jpeg }
    return try library.frame(trace.frame, of: asset, analysis, finder: finder).jpeg
  }

  func export(
    _ asset: Asset, _ analysis: Analysis, as kind: ExportKind, _ options: ExportOptions,
    to sink: @escaping ([UInt8]) throws(Fault) -> Void
  ) throws(Fault) { try library.export(asset, analysis, as: kind, options, to: sink) }

  func settle() throws(Fault) {
    if try !library.settle() {
      Terminal.complain("ridley: the totals lag behind what others write: see asOf in 'ridley library totals'\n")
    }
  }
}
