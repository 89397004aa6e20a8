public import Base
public import Catalog
internal import Items
internal import Store

extension Library {
  /// How many drawings of a stream are remembered.
  public static let mostScenes = 100

  /// What was drawn for a stream, the newest first; the first of them holds.
  public func scenes(of stream: String, client: String, limit: Int = mostScenes) throws(Fault) -> [StreamScene] {
    let query = Query(
      LibraryKeys.streamPartition(client, stream), .prefix(LibraryKeys.scenes), order: .descending, limit: limit)
    return try table.items(query).elements.map { (item) throws(Fault) in try StreamScene(item) }
  }

  /// Takes away what was drawn for a stream, its history too.
  public func forgetScenes(of stream: String, client: String) throws(Fault) {
    let query = Query(
      LibraryKeys.streamPartition(client, stream), .prefix(LibraryKeys.scenes), limit: ItemLimits.writeCount)
    while true {
      let items = try table.items(query).elements
      if items.isEmpty { return }
      _ = try table.write(items.map { .delete($0.key) })
    }
  }

  /// From now on this holds; what was drawn before stays in the history.
  public func draw(_ text: String?, for stream: String, client: String, by: String) throws(Fault) -> StreamScene {
    let version = try openClient(client)
    let partition = LibraryKeys.streamPartition(client, stream)
    let last = Query(partition, .prefix(LibraryKeys.scenes), order: .descending, limit: Self.mostScenes)
    let before = try table.items(last).elements
    // Later than the last one, whatever the clock says.
    var moment = now
    if let newest = try before.first.map({ (item) throws(Fault) in try StreamScene(item) }) {
      moment = max(moment, newest.drawn + 1)
    }
    let scene = StreamScene(client: client, stream: stream, text: text, drawn: moment, by: by)
    var random = SystemRandomNumberGenerator()
    let id = ULID(milliseconds: moment, using: &random)
    var writes: [Write] = [
      .check(LibraryKeys.client(client), if: .version(version)),
      .put(LibraryKeys.scene(client, stream, drawn: moment, id), scene.json, if: .absent),
    ]
    writes += before.dropFirst(Self.mostScenes - 1).map { .delete($0.key) }
    guard case .committed = try table.write(writes) else {
      throw Fault(.unavailable, "the zones of '\(stream)' were changed by others meanwhile: try it again")
    }
    return scene
  }
}
