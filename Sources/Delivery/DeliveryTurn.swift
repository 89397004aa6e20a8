internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Store

/// Which of a library's processes tells its targets: one at a time, so that the order of each stream is kept.
///
/// In a folder of one machine that is a lock, which ends with its process. For a library that is shared it is an item that the holder writes anew every few
/// seconds; who sees it unchanged for long enough by its own clock takes over, so that clocks need not agree. A holder that was only held up may tell
/// something once more then, under the same id.
final class DeliveryTurn {
  private enum Key: String, CaseIterable { case holder, beat }

  private let library: Library
  private let holder: String
  private var lock: HeldLock?
  /// The item as it was seen last, whether it was written here, and when that was.
  private var (seen, isOwn, moment) = (ItemVersion?.none, false, UInt64(0))
  private var beat = 0

  private static let (renewal, silence): (UInt64, UInt64) = (3_000_000_000, 10_000_000_000)

  init(_ library: Library) {
    var random = SystemRandomNumberGenerator()
    self.library = library
    holder = Hex.text((0..<8).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  /// Whether it is this process's turn now; to be asked again and again.
  ///
  /// After a fault it is not.
  func hold() throws(Fault) -> Bool {
    guard library.isShared else { return try holdFolder() }
    if isOwn, Clock.now - moment < Self.renewal { return true }
    let item = try library.table.get(LibraryKeys.noticesTurn)
    if isOwn {
      isOwn = item?.version == seen ? try write(over: item) : false
      return isOwn
    }
    if let item {
      if item.version != seen { (seen, moment) = (item.version, Clock.now) }
      guard Clock.now - moment > Self.silence else { return false }
    }
    isOwn = try write(over: item)
    return isOwn
  }

  /// Lets another process have it.
  func end() {
    lock = nil
    guard isOwn, let seen else { return }
    _ = try? library.table.write([.delete(LibraryKeys.noticesTurn, if: .version(seen))])
    isOwn = false
  }

  private func write(over item: Item?) throws(Fault) -> Bool {
    beat += 1
    let body = JSONWriter.object(capacity: 64) { json in
      json.field("holder", holder)
      json.field("beat", beat)
    }
    let write = Write.put(LibraryKeys.noticesTurn, body, if: item.map { .version($0.version) } ?? .absent)
    guard case .committed(let commit) = try library.table.write([write]) else { return false }
    (seen, moment) = (commit.versions.first ?? nil, Clock.now)
    return true
  }

  private func holdFolder() throws(Fault) -> Bool {
    if lock != nil { return true }
    let folder = "\(library.path)/.notices"
    try FileSystem.makeFolder(folder)
    do throws(Fault) {
      lock = HeldLock(try FolderLock(folder, against: "another server that tells") { false })
    } catch {
      guard error.kind == .closed else { throw error }
    }
    return lock != nil
  }

  private final class HeldLock {
    private let lock: FolderLock

    init(_ lock: consuming FolderLock) { self.lock = lock }
  }
}
