public import Base
internal import Fleet
internal import Glibc
internal import Library
internal import Objects
internal import Synchronization

/// Bytes of objects that nodes send in pieces, with resume, until they are whole and are objects of the library.
///
/// Of each a file `edge/incoming/NODE/DIGEST`, whose length says how far it is; a piece counts once it is on the disk. One that is whole has a mark
/// in its place until it is referred to. Until then its bytes are set aside for the client whose the node is, all of them from the first piece on:
/// what a node sends takes room from no other client. For threads that may block.
public final class BlobInbox: Sendable {
  private let library: Library
  private let folder: String
  /// Files that a piece is being written to.
  private let busy = Monitor<Set<String>>([])
  /// What is set aside for objects that nothing refers to yet, by the files in which they come.
  private let begun = Monitor<[String: Begun]>([:])

  private struct Begun {
    var byteCount = 0
    var promises: [BytePromise] = []

    mutating func add(_ byteCount: Int, _ promise: BytePromise) {
      self.byteCount += byteCount
      promises.append(promise)
    }
  }

  /// Bytes of one object, and of all that a node has begun.
  static let (mostBytes, mostOpenBytes) = (16 << 30, 20 << 30)
  /// Objects that a node has begun, or that nothing refers to yet; it sends one after the other.
  static let mostOpen = 64
  /// Bytes of the disk that stay free.
  private static let free = 1 << 28
  /// Milliseconds after which what nobody went on with is taken away.
  private static let patience = 7 * 86_400_000

  init(_ library: Library) throws(Fault) {
    (self.library, folder) = (library, "\(library.path)/edge/incoming")
    try FileSystem.makeFolder(folder)
    for node in try FileSystem.list(folder) {
      removeOld(in: "\(folder)/\(node)")
      try setAsideAll(of: node)
    }
  }

  /// How much of an object is here.
  public enum State: Sendable, Hashable {
    case whole
    /// So many bytes, from the first on.
    case part(Int)
    /// There is no room for it now, for the reason that is said: other objects may be taken meanwhile.
    case refused(String)
  }

  /// Takes a piece, where it begins at the end of what is here; says how much is here then.
  ///
  /// An empty piece asks. Refused is what finds no room within what the node's client may store, on the disk, or beside what the node has begun.
  /// Faults: `badInput` where the whole has another digest, which is then begun anew; `unavailable` where another piece is being written.
  public func take(
    _ bytes: [UInt8], of digest: String, at offset: Int, total: Int, from sender: LedgerDesk.Sender
  ) throws(Fault) -> State {
    do {
      return try add(bytes, of: digest, at: offset, total: total, from: sender)
    } catch  where error.kind == .exhausted { return .refused(error.message) }
  }

  /// Takes whole objects, as ``take(_:of:at:total:from:)`` does each, up to the first that is refused, as are all behind it then; says of each
  /// whether it is here, in their order.
  ///
  /// Where that throws, those before it are here.
  public func take(_ pack: BlobPack, from sender: LedgerDesk.Sender) throws(Fault) -> [State] {
    var states: [State] = []
    for blob in pack.blobs {
      if let last = states.last, case .refused = last {
        states.append(last)
      } else {
        states.append(try take(blob.bytes, of: blob.digest, at: 0, total: blob.bytes.count, from: sender))
      }
    }
    return states
  }

  private func add(
    _ bytes: [UInt8], of digest: String, at offset: Int, total: Int, from sender: LedgerDesk.Sender
  ) throws(Fault) -> State {
    guard let name = ObjectName(digest), (0...Self.mostBytes).contains(total), offset >= 0,
      offset + bytes.count <= total
    else { throw Fault(.badInput, "an object has a SHA-256 as its name and at most \(Self.mostBytes) bytes") }
    if hasSent(name, sender.node), try library.objects.lease(name) != nil { return .whole }
    let place = "\(folder)/\(sender.node)"
    let path = path(of: name, sender.node)
    guard busy.update({ $0.insert(path).inserted }) else {
      throw Fault(.unavailable, "another piece of this object is being written: try it again")
    }
    defer { busy.update { _ = $0.remove(path) } }
    try FileSystem.makeFolder(place)
    if offset == 0, !bytes.isEmpty, bytes.count == total {
      return try takeWhole(bytes, as: name, at: path, from: sender)
    }
    let count = try byteCount(of: path, within: total)
    guard offset == count else { return .part(count) }
    try checkRoom(total - count, at: path)
    let promise = try promise(total, at: path, to: sender.client)
    if !bytes.isEmpty {
      keep(promise, at: path)
      try append(bytes, to: path)
    }
    guard count + bytes.count == total, total > 0 else { return .part(count + bytes.count) }
    return try finish(path, as: name)
  }

  /// Whether a node has sent all bytes of an object: it gets nothing by a digest alone, which may be that of somebody else's.
  func hasSent(_ name: ObjectName, _ node: String) -> Bool { FileSystem.isThere(mark(name, node)) }

  /// Sets aside what the client of a node that has sent an object needs for it, where that was not done as it came.
  ///
  /// The fault is `exhausted` where the client may not store so much.
  func setAside(_ byteCount: Int, for name: ObjectName, from sender: LedgerDesk.Sender) throws(Fault) {
    let path = path(of: name, sender.node)
    keep(try promise(byteCount, at: path, to: sender.client), at: path)
  }

  /// Nothing waits for it any more.
  func forget(_ name: ObjectName, _ node: String) {
    unlink(mark(name, node))
    unlink(path(of: name, node))
    letGo(path(of: name, node))
  }

  /// Takes away what others than these nodes had begun, such as those that were revoked.
  public func keep(only nodes: Set<String>) throws(Fault) {
    for node in try FileSystem.list(folder) where !nodes.contains(node) {
      FileSystem.removeTree("\(folder)/\(node)")
    }
    let gone = begun.update { begun in
      let gone = begun.keys.filter { !nodes.contains(String($0.dropFirst(folder.count + 1).prefix { $0 != "/" })) }
      return gone.compactMap { begun.removeValue(forKey: $0) }
    }
    withExtendedLifetime(gone) {}
  }

  // MARK: what is set aside

  private typealias More = (byteCount: Int, promise: BytePromise)

  /// Room for an object of so many bytes, beside what is set aside for it already; `nil` where that is enough.
  private func promise(_ byteCount: Int, at path: String, to client: String) throws(Fault) -> More? {
    let more = byteCount - (begun.update { $0[path]?.byteCount } ?? 0)
    guard more > 0 else { return nil }
    return (more, try library.promise(more, to: client))
  }

  private func keep(_ more: More?, at path: String) {
    guard let more else { return }
    begun.update { $0[path, default: Begun()].add(more.byteCount, more.promise) }
  }

  private func letGo(_ path: String) { _ = begun.update { $0.removeValue(forKey: path) } }

  /// What came before this process began counts as what comes now.
  private func setAsideAll(of node: String) throws(Fault) {
    guard let name = try? NodeName(node), let client = try FleetBook(library).node(name)?.client else { return }
    let place = "\(folder)/\(node)"
    for file in try FileSystem.list(place) {
      let byteCount = try byteCount(of: file, in: place)
      keep((byteCount, try library.setAside(byteCount, for: client)), at: Self.path(of: file, in: place))
    }
  }

  /// As which a part and its mark count.
  private static func path(of file: String, in place: String) -> String {
    "\(place)/\(file.hasSuffix(".whole") ? String(file.dropLast(6)) : file)"
  }

  // MARK: the files

  private func path(of name: ObjectName, _ node: String) -> String { "\(folder)/\(node)/\(name.digest)" }

  private func mark(_ name: ObjectName, _ node: String) -> String { "\(path(of: name, node)).whole" }

  private func finish(_ path: String, as name: ObjectName) throws(Fault) -> State {
    let stored = try library.objects.adopt(file: path)
    // First: its bytes are those of the object, to which nothing may be appended.
    try FileSystem.remove(path)
    if stored.name == name { try FileSystem.write([], to: "\(path).whole") }
    guard stored.name == name else {
      letGo(path)
      throw Fault(.badInput, "the bytes have the SHA-256 \(stored.name), not \(name) as announced: they are sent again")
    }
    return .whole
  }

  /// One that came in one piece needs no file of pieces; what is there of one goes.
  private func takeWhole(
    _ bytes: [UInt8], as name: ObjectName, at path: String, from sender: LedgerDesk.Sender
  ) throws(Fault) -> State {
    try checkRoom(bytes.count, at: path)
    let promise = try promise(bytes.count, at: path, to: sender.client)
    let writer = try library.objects.write(ObjectPlan(byteCount: bytes.count, name: name))
    try writer.append(bytes.span.bytes)
    let stored = try writer.finish()
    keep(promise, at: path)
    unlink(path)
    try FileSystem.write([], to: mark(name, sender.node))
    withExtendedLifetime(stored.lease) {}
    return .whole
  }

  /// How much is there of an object of so many bytes; what has more is none of it, and goes.
  private func byteCount(of path: String, within total: Int) throws(Fault) -> Int {
    guard FileSystem.isThere(path) else { return 0 }
    let count = try FileSystem.byteCount(of: path)
    guard count > total else { return count }
    try FileSystem.remove(path)
    letGo(path)
    return 0
  }

  private func checkRoom(_ wanted: Int, at path: String) throws(Fault) {
    let (place, new) = (FileSystem.folder(of: path), FileSystem.isThere(path) ? 0 : 1)
    if new > 0 { removeOld(in: place) }
    var (count, sum) = try unfinished(in: place)
    if count + new > Self.mostOpen || sum + wanted > Self.mostOpenBytes {
      // Marks of objects that were collected go.
      for file in try FileSystem.list(place) { _ = try byteCount(of: file, in: place) }
      (count, sum) = try unfinished(in: place)
    }
    guard count + new <= Self.mostOpen else {
      throw Fault(.exhausted, "this node has begun \(count) objects at the centre, and ended none of them")
    }
    guard sum + wanted <= Self.mostOpenBytes, try FileSystem.freeByteCount(in: folder) - wanted > Self.free else {
      throw Fault(.exhausted, "the centre has no room for \(wanted) bytes more")
    }
  }

  /// How many objects a node has begun, or that nothing refers to yet, and their bytes that are here.
  private func unfinished(in place: String) throws(Fault) -> (count: Int, byteCount: Int) {
    let files = try FileSystem.list(place)
    let begun = begun.update { $0 }
    let byteCount = files.reduce(0) { sum, file in
      // Of one that is whole what was set aside says it: no object has to be opened for it.
      guard file.hasSuffix(".whole") else { return sum + ((try? FileSystem.byteCount(of: "\(place)/\(file)")) ?? 0) }
      return sum + (begun[Self.path(of: file, in: place)]?.byteCount ?? 0)
    }
    return (files.count, byteCount)
  }

  /// Of a piece, or of the object that a mark is about; a mark of one that was collected goes.
  private func byteCount(of file: String, in place: String) throws(Fault) -> Int {
    let path = "\(place)/\(file)"
    guard file.hasSuffix(".whole"), let name = ObjectName(String(file.dropLast(6))) else {
      return (try? FileSystem.byteCount(of: path)) ?? 0
    }
    if let reader = try library.objects.open(name) { return reader.byteCount }
    try FileSystem.remove(path)
    letGo(Self.path(of: file, in: place))
    return 0
  }

  private func append(_ bytes: [UInt8], to path: String) throws(Fault) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError.last.fault("write", path) }
    defer { close(descriptor) }
    do { try Descriptor.write(bytes.span.bytes, to: descriptor) } catch { throw error.fault("write", path) }
    guard fdatasync(descriptor) == 0 else { throw SystemError.last.fault("write", path) }
  }

  private func removeOld(in place: String) {
    let end = Int(Clock.seconds * 1000) - Self.patience
    for name in (try? FileSystem.list(place)) ?? [] {
      var info = stat()
      guard unsafe stat("\(place)/\(name)", &info) == 0, info.st_mtim.tv_sec * 1000 < end else { continue }
      try? FileSystem.remove("\(place)/\(name)")
      letGo(Self.path(of: name, in: place))
    }
  }
}
