internal import Base
internal import Catalog
internal import Crypto
internal import Items
internal import Library
internal import Objects
internal import Store

/// Makes assets of files that come into folders, and starts pipelines for them.
///
/// A file is taken once it has not changed for a while and nothing writes it. That it was taken is written in one transaction with the job that
/// it starts; what is cut off before is done again, and finds the asset that it has made.
final class FolderWatch: Sendable {
  private struct Seen {
    var state: String
    /// Monotonic nanoseconds.
    var since: UInt64
    /// It was taken, or cannot be read.
    var isDone = false
  }

  private struct Memory {
    /// By trigger and path.
    var seen: [ULID: [String: Seen]] = [:]
    var told: Set<String> = []
  }

  private let jobs: JobDesk
  private let start: TriggerStart
  private let watched: WatchedFolders
  private let memory = Monitor(Memory())

  private var library: Library { jobs.library }

  /// Files whose taking is one transaction.
  private static let step = 30

  init(_ jobs: JobDesk, _ watched: WatchedFolders) {
    (self.jobs, start, self.watched) = (jobs, TriggerStart(jobs), watched)
  }

  /// Looks at every folder once; `false` where files were not whole yet.
  func look(isStopped: () -> Bool) throws(Fault) -> Bool {
    var (isIdle, first) = (true, Fault?.none)
    for trigger in try TriggerStart.known(jobs).map(\.trigger) where trigger.event == .folder && !trigger.isPaused {
      do throws(Fault) {
        let (files, isSettled) = try settled(trigger)
        isIdle = isIdle && isSettled
        for begin in stride(from: 0, to: files.count, by: Self.step) where !isStopped() {
          let part = Array(files[begin..<min(files.count, begin + Self.step)])
          if try !take(part, trigger, isStopped) { isIdle = false }
        }
      } catch { first = first ?? error }
    }
    if let first { throw first }
    return isIdle
  }

  /// Files that have not changed for long enough and were not taken, as far as is remembered here; `false` where others still change.
  private func settled(_ trigger: Trigger) throws(Fault) -> (files: [FolderLook.File], isSettled: Bool) {
    let look = try FolderLook(trigger.folder ?? "", isMedia: watched.isMedia)
    for fault in look.faults { tell(fault) }
    let now = Clock.now
    return memory.update { memory in
      var (files, isSettled, seen) = ([FolderLook.File](), true, [String: Seen]())
      for file in look.files {
        var one = memory.seen[trigger.id]?[file.inner] ?? Seen(state: file.state, since: now)
        if one.state != file.state { one = Seen(state: file.state, since: now) }
        seen[file.inner] = one
        if one.isDone { continue }
        if Double(now - one.since) / 1e9 >= watched.settling, file.byteCount > 0 {
          files.append(file)
        } else {
          isSettled = isSettled && file.byteCount == 0
        }
      }
      memory.seen[trigger.id] = seen
      return (files, isSettled)
    }
  }

  private func tell(_ fault: Fault) {
    if memory.update({ $0.told.insert(fault.message).inserted }) { watched.complain(fault) }
  }

  private func finish(_ file: FolderLook.File, _ trigger: Trigger) {
    memory.update { $0.seen[trigger.id]?[file.inner]?.isDone = true }
  }

  private func key(_ file: String, _ trigger: Trigger) -> ItemKey {
    LibraryKeys.watched(client: trigger.client, trigger.id, digest: SHA256.hex(of: Array(file.utf8)))
  }

  /// `false` where some of the files changed meanwhile.
  private func take(
    _ files: [FolderLook.File], _ trigger: Trigger, _ isStopped: () -> Bool
  ) throws(Fault) -> Bool {
    var (taken, isWhole, failure) = ([(FolderLook.File, WatchedFile)](), true, Fault?.none)
    for (file, item) in zip(files, try library.table.get(files.map { key($0.inner, trigger) })) where !isStopped() {
      if try item.map(WatchedFile.init)?.state == file.content {
        finish(file, trigger)
        continue
      }
      guard !FolderLook.isBeingWritten(file.path) else {
        isWhole = false
        continue
      }
      do throws(Fault) {
        if let asset = try add(file, trigger) {
          taken.append(
            (file, WatchedFile(path: file.inner, state: file.content, asset: asset.id, reason: nil)))
        } else {
          isWhole = false
        }
      } catch {
        guard isOfFile(error) else {
          failure = error
          break
        }
        tell(Fault(error.kind, "\(file.path) is not taken from its folder: \(error.message)"))
        // What may not be read, or is gone, may be another thing as soon as anything is changed of it.
        guard [.badInput, .unsupported, .tooLarge].contains(error.kind) else {
          finish(file, trigger)
          continue
        }
        let reason = String(error.message.prefix(300))
        taken.append((file, WatchedFile(path: file.inner, state: file.content, asset: nil, reason: reason)))
      }
    }
    try commit(taken.map(\.1), trigger)
    for (file, _) in taken { finish(file, trigger) }
    if let failure { throw failure }
    return isWhole
  }

  /// Whether it is the file that is wrong, and not the library.
  private func isOfFile(_ fault: Fault) -> Bool {
    [.badInput, .unsupported, .tooLarge, .denied, .notFound].contains(fault.kind)
  }

  /// The asset that a file became; `nil` where it changed while it was read.
  private func add(_ file: FolderLook.File, _ trigger: Trigger) throws(Fault) -> Asset? {
    var draft = AssetDraft(group: trigger.group, name: FileSystem.name(of: file.inner))
    draft.tags = trigger.tags
    try library.checkAdding(draft, scope: .all, makesClient: false)
    let (plan, promise) = try library.plan(byteCount: file.byteCount, digest: nil, for: trigger.client)
    defer { withExtendedLifetime(promise) {} }
    let isSame = { FolderLook.file(file.path, file.inner)?.state == file.state }
    do throws(Fault) {
      let writer = try library.objects.write(plan)
      try FileSystem.forEachBlock(of: file.path) { (block) throws(Fault) in try writer.append(block.span.bytes) }
      guard isSame() else { return nil }
      return try library.add(try writer.finish(), draft, scope: .all, examiner: watched.examiner).asset
    } catch {
      guard isSame() else { return nil }
      throw error
    }
  }

  /// Writes down that files were taken, with the job that they start.
  private func commit(_ taken: [WatchedFile], _ trigger: Trigger) throws(Fault) {
    guard !taken.isEmpty else { return }
    let (place, keys) = (LibraryKeys.trigger(trigger.client, trigger.id), taken.map { key($0.path, trigger) })
    try library.change("the trigger '\(trigger.id)'") { () throws(Fault) in
      // One that is removed or held meanwhile takes nothing.
      guard let item = try library.table.get(place), try !Trigger(item).isPaused else { return ([], ()) }
      var (writes, pairs) = ([Write](), [TriggerStart.Pair]())
      for ((file, key), found) in zip(zip(taken, keys), try library.table.get(keys)) {
        if try found.map(WatchedFile.init)?.state == file.state { continue }
        writes.append(.put(key, file.json, if: found.map { .version($0.version) } ?? .absent))
        if let asset = file.asset { pairs.append(TriggerStart.Pair(trigger: trigger.id, asset: asset)) }
      }
      if writes.isEmpty { return ([], ()) }
      writes += try start.writes(pairs)
      if !writes.contains(where: { $0.key == place }) { writes.append(.check(place, if: .version(item.version))) }
      return (writes, ())
    }
    try start.handOut()
  }
}
