public import Base
internal import Items
internal import JSON
public import Streams

/// The streams that were added over HTTP, in a file that only its owner reads, since their sources have passwords in them.
public final class StreamBook: Sendable {
  private enum Key: String, CaseIterable { case client, name, owner, stream }

  private let folder: String
  private let onFault: @Sendable (Fault) -> Void

  /// The book of a library's folder; `onFault` hears of what could not be written down.
  public init(in folder: String, onFault: @escaping @Sendable (Fault) -> Void = { _ in }) {
    (self.folder, self.onFault) = (folder, onFault)
  }

  private var path: String { "\(folder)/streams.json" }

  /// What was written down; nothing where there is no such file.
  public func read() throws(Fault) -> [StreamDesk.Kept] {
    guard FileSystem.isThere(path) else { return [] }
    let bytes = try FileSystem.read(path)
    return try JSONDocument(parsing: bytes.span.bytes, name: path).root.elements().map { (value) throws(Fault) in
      let fields = try value.fields(Key.self)
      return StreamDesk.Kept(
        client: try fields.required(.client).string(), name: try fields.required(.name).string(),
        draft: try StreamDesk.Draft(try fields.required(.stream)), isOwner: try fields.required(.owner).bool())
    }
  }

  /// Writes down what there is now, but nothing of clients that `isOpen` does not know any more.
  public func write(_ streams: [StreamDesk.Kept], isOpen: (String) throws(Fault) -> Bool) {
    do throws(Fault) {
      // Asked under the lock: who closes a client and takes it out of the book finds it there, or it is not written.
      let lock = try lock()
      var (open, kept) = ([String: Bool](), [StreamDesk.Kept]())
      for one in streams {
        if open[one.client] == nil { open[one.client] = try isOpen(one.client) }
        if open[one.client] == true { kept.append(one) }
      }
      try write(kept)
      _ = consume lock
    } catch { onFault(error.at(path)) }
  }

  /// Takes out what a client has that was closed before; how many streams that were.
  public func forget(_ client: String) throws(Fault) -> Int {
    guard FileSystem.isThere(path) else { return 0 }
    let lock = try lock()
    let all = try read()
    let others = all.filter { !$0.client.hasSameBytes(as: client) }
    if others.count < all.count { try write(others) }
    _ = consume lock
    return all.count - others.count
  }

  /// Servers and commands change the book in turn.
  private func lock() throws(Fault) -> FolderLock {
    try FolderLock(folder, against: "somebody else who changes \(path)") { true }
  }

  private func write(_ streams: [StreamDesk.Kept]) throws(Fault) {
    let json = JSONWriter.array { json in
      for kept in streams {
        json.object { json in
          json.field("client", kept.client)
          json.field("name", kept.name)
          json.field("owner", kept.isOwner)
          json.object("stream", kept.draft.write)
        }
      }
    }
    try FileSystem.write(json, to: path, isSecret: true)
  }
}
