internal import Base
internal import Catalog
internal import Crypto
internal import Items
internal import Library
internal import Objects
internal import Store

/// Makes assets of files that come into watched places, and starts pipelines for them.
///
/// A file is taken once it is whole. That it was taken is written in one transaction with the job that it starts; what is cut off before is done
/// again, and finds the asset that it has made.
final class PlaceWatch: Sendable {
  private let jobs: JobDesk
  private let start: TriggerStart
  private let watched: WatchedFolders
  private let isRemote: Bool
  private let memory = Monitor(WatchMemory())

  private var library: Library { jobs.library }

  /// Files that are looked up at a time, and whose taking is one transaction where it is quick.
  private static let step = 30
  /// What was taken for so long is written down, so that little is done again after a crash.
  private static let stepNanoseconds: UInt64 = 20_000_000_000
  /// So many files in a row that cannot be read now: it is the place that is away.
  private static let mostLost = 3

  /// Looks at folders of this machine, or at what is elsewhere.
  init(_ jobs: JobDesk, _ watched: WatchedFolders, isRemote: Bool) {
    (self.jobs, start, self.watched, self.isRemote) = (jobs, TriggerStart(jobs), watched, isRemote)
  }

  /// Looks at every place once; `false` where something is still to come: files that are not whole yet, or for which there was no time.
  ///
  /// The first fault is thrown at the end.
  func look(isStopped: () -> Bool) throws(Fault) -> Bool {
    var first: Fault?
    let isIdle = try look(isStopped) { first = first ?? $1 }
    if let first { throw first }
    return isIdle
  }

  /// The same, where what fails is told once for each reason until the place is well again.
  func watch(isStopped: () -> Bool) throws(Fault) {
    _ = try look(isStopped) { (trigger, fault) in
      if memory.update({ $0.isNews(fault, of: trigger.id) }), let fault { watched.complain(fault) }
    }
  }

  /// `hear` is told how it went with each trigger.
  private func look(_ isStopped: () -> Bool, hear: (Trigger, Fault?) -> Void) throws(Fault) -> Bool {
    var isIdle = true
    let all = try TriggerStart.known(jobs).map(\.trigger)
    for trigger in all where trigger.event == .folder && !trigger.isPaused && !isStopped() {
      let name = trigger.folder ?? ""
      guard BucketPlace.isNamed(name) == isRemote else { continue }
      do throws(Fault) {
        let known = memory.update { $0.places[trigger.id] }
        let place = if let known { known } else { try place(name) }
        memory.update { $0.places[trigger.id] = place }
        if try !look(at: place, trigger, isStopped) { isIdle = false }
        hear(trigger, nil)
      } catch { hear(trigger, error) }
    }
    memory.update { $0.keep(Set(all.map(\.id))) }
    return isIdle
  }

  private func place(_ name: String) throws(Fault) -> any WatchedPlace {
    guard BucketPlace.isNamed(name) else {
      return FolderPlace(folder: name, isMedia: watched.isMedia, settling: watched.settling)
    }
    return BucketPlace(client: try watched.bucket(name), isMedia: watched.isMedia)
  }

  private func look(at place: any WatchedPlace, _ trigger: Trigger, _ isStopped: () -> Bool) throws(Fault) -> Bool {
    guard place.isRemote else { return try pass(through: place, trigger) { () throws(Fault) in !isStopped() } }
    if let isIdle = memory.update({ $0[trigger.id].resting(at: Clock.now) }) { return isIdle }
    var turn = WatchTurn(library, trigger)
    guard try turn.take() else { return false }
    do throws(Fault) {
      let isIdle = try pass(through: place, trigger) { () throws(Fault) in
        if isStopped() { return false }
        return try turn.keep()
      }
      try turn.end()
      return isIdle
    } catch {
      try? turn.end()
      memory.update { $0[trigger.id].rest(watched.resting, listing: 0, isIdle: false) }
      throw error
    }
  }

  /// From where the look before came to, to the end or as long as there is time.
  private func pass(
    through place: any WatchedPlace, _ trigger: Trigger, _ goesOn: () throws(Fault) -> Bool
  ) throws(Fault) -> Bool {
    let begun = Clock.now
    var (isWhole, isOver, taking, position) = (true, true, UInt64(0), memory.update { $0[trigger.id].position })
    try place.forEachPart(after: position, tell: { tell($0, $0.message) }) { (found) throws(Fault) in
      let partBegun = Clock.now
      defer { taking += Clock.now - partBegun }
      for first in stride(from: 0, to: found.count, by: Self.step) {
        let part = Array(found[first..<min(found.count, first + Self.step)])
        guard try goesOn(), Double(Clock.now - begun) / 1e9 < place.turnSeconds else {
          isOver = false
          return false
        }
        let (files, isSettled) = memory.update { $0[trigger.id].settled(part, place.settling, at: Clock.now) }
        if !isSettled { isWhole = false }
        if !files.isEmpty, try !take(files, trigger, place, goesOn) { isWhole = false }
        position = part.last?.inner
      }
      return true
    }
    let listing = Double(Clock.now - begun - taking) / 1e9
    guard isOver else {
      memory.update { $0[trigger.id].position = position }
      return false
    }
    try forgetGone(place, trigger, goesOn)
    memory.update { memory in
      memory[trigger.id].endRound(isWhole: isWhole)
      if place.isRemote {
        memory[trigger.id].rest(watched.resting, listing: listing, isIdle: memory[trigger.id].isWhole)
      }
    }
    return isWhole
  }

  private func tell(_ fault: Fault, _ reason: String) {
    if memory.update({ $0.isNew(reason) }) { watched.complain(fault) }
  }

  private func finish(_ file: FoundFile, _ trigger: Trigger, rest: UInt64 = .max) {
    memory.update { $0[trigger.id].finish(file, until: rest == .max ? .max : Clock.now + rest) }
  }

  private func key(_ file: String, _ trigger: Trigger) -> ItemKey {
    LibraryKeys.watched(client: trigger.client, trigger.id, digest: SHA256.hex(of: Array(file.utf8)))
  }

  /// `false` where some of the files are to be looked at again.
  private func take(
    _ files: [FoundFile], _ trigger: Trigger, _ place: any WatchedPlace, _ goesOn: () throws(Fault) -> Bool
  ) throws(Fault) -> Bool {
    var (taken, isWhole, failure, lost) = ([(FoundFile, WatchedFile)](), true, Fault?.none, [(FoundFile, Fault)]())
    var begun = Clock.now
    for (file, item) in zip(files, try library.table.get(files.map { key($0.inner, trigger) })) {
      guard try goesOn() else {
        isWhole = false
        break
      }
      if try item.map(WatchedFile.init)?.state == file.content {
        finish(file, trigger)
        continue
      }
      guard !place.isBeingWritten(file) else {
        isWhole = false
        continue
      }
      switch add(file, trigger, place, goesOn) {
      case .asset(let id):
        taken.append((file, WatchedFile(path: file.inner, state: file.content, asset: id, reason: nil)))
        giveUp(&lost, trigger, place)
      case .another: if miss(file, trigger, place) { isWhole = false }
      case .refused(let fault):
        tell(fault.notTaken(place.shown(file.inner)), place.shown(file.inner) + fault.message)
        let reason = String(fault.message.prefix(300))
        taken.append((file, WatchedFile(path: file.inner, state: file.content, asset: nil, reason: reason)))
      case .forbidden(let fault):
        // Once for all of them: what may not be read may be another thing once a right was given.
        tell(fault.notTaken(place.shown(file.inner)), fault.message)
        finish(file, trigger, rest: WatchMemory.longRest)
      case .lost(let fault):
        lost.append((file, fault))
        isWhole = false
        if lost.count >= Self.mostLost { failure = fault }
      case .failed(let fault): failure = fault
      }
      if failure != nil { break }
      guard Clock.now - begun > Self.stepNanoseconds else { continue }
      try commit(&taken, trigger)
      begun = Clock.now
    }
    try commit(&taken, trigger)
    if let failure { throw failure }
    giveUp(&lost, trigger, place)
    return isWhole
  }

  /// Files that cannot be read while others can: they hold nobody up.
  private func giveUp(_ lost: inout [(FoundFile, Fault)], _ trigger: Trigger, _ place: any WatchedPlace) {
    for (file, fault) in lost {
      tell(fault.notTaken(place.shown(file.inner)), place.shown(file.inner) + fault.message)
      finish(file, trigger, rest: WatchMemory.shortRest)
    }
    lost = []
  }

  /// What is listed as it was, and time and again cannot be read so, is told of and left alone for a while; `false` then.
  private func miss(_ file: FoundFile, _ trigger: Trigger, _ place: any WatchedPlace) -> Bool {
    guard memory.update({ $0[trigger.id].misses(file) }) > 2 else { return true }
    let fault = Fault(.unavailable, "it is listed with \(file.byteCount) bytes, and is not there so when it is read")
    tell(fault.notTaken(place.shown(file.inner)), place.shown(file.inner) + fault.message)
    finish(file, trigger, rest: WatchMemory.longRest)
    return false
  }

  private enum Outcome {
    case asset(ULID)
    /// It changed while it was read, or there was no time to end.
    case another
    /// It is no picture or film, or cannot be called so; it will be, once it is another one.
    case refused(Fault)
    /// It may not be read.
    case forbidden(Fault)
    /// Its bytes are not to be had now.
    case lost(Fault)
    /// It is the library that fails, or nobody knows.
    case failed(Fault)
  }

  private func add(
    _ file: FoundFile, _ trigger: Trigger, _ place: any WatchedPlace, _ goesOn: () throws(Fault) -> Bool
  ) -> Outcome {
    var isOfPlace = false
    do throws(Fault) {
      var draft = AssetDraft(group: trigger.group, name: file.name)
      draft.tags = trigger.tags
      try library.checkAdding(draft, scope: .all, makesClient: false)
      let (plan, promise) = try library.plan(byteCount: file.byteCount, digest: nil, for: trigger.client)
      defer { withExtendedLifetime(promise) {} }
      let writer = try library.objects.write(plan)
      isOfPlace = true
      let isWhole = try place.read(file, goesOn: goesOn) { (block) throws(Fault) in
        isOfPlace = false
        try writer.append(block.span.bytes)
        isOfPlace = true
      }
      guard isWhole else { return .another }
      isOfPlace = false
      return .asset(try library.add(try writer.finish(), draft, scope: .all, examiner: watched.examiner).asset.id)
    } catch {
      guard place.isSame(file) else { return .another }
      switch error.kind {
      case .badInput, .unsupported, .tooLarge: return .refused(error)
      case .denied, .notFound: return .forbidden(error)
      case .unavailable where isOfPlace && place.isRemote: return .lost(error)
      default: return .failed(error)
      }
    }
  }

  /// Writes down that files were taken, with the job that they start.
  private func commit(_ taken: inout [(FoundFile, WatchedFile)], _ trigger: Trigger) throws(Fault) {
    guard !taken.isEmpty else { return }
    let files = taken.map(\.1)
    let (place, keys) = (LibraryKeys.trigger(trigger.client, trigger.id), files.map { key($0.path, trigger) })
    try library.change("the trigger '\(trigger.id)'") { () throws(Fault) in
      // One that is removed or held meanwhile takes nothing.
      guard let item = try library.table.get(place), try !Trigger(item).isPaused else { return ([], ()) }
      var (writes, pairs) = ([Write](), [TriggerStart.Pair]())
      for ((file, key), found) in zip(zip(files, keys), try library.table.get(keys)) {
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
    for (file, _) in taken { finish(file, trigger) }
    taken = []
  }

  /// Now and then: what was taken and is gone from a place is not remembered for ever.
  private func forgetGone(
    _ place: any WatchedPlace, _ trigger: Trigger, _ goesOn: () throws(Fault) -> Bool
  ) throws(Fault) {
    guard place.isRemote, memory.update({ $0[trigger.id].isTimeToForget(at: Clock.now) }) else { return }
    let query = Query(LibraryKeys.watchedPartition(trigger.client), .prefix(LibraryKeys.watched(trigger.id)))
    try library.table.forEach(query) { (item) throws(Fault) in
      let file = try WatchedFile(item)
      guard memory.update({ !$0[trigger.id].isThere(file.path) }), try goesOn(), try place.isGone(file.path) else {
        return
      }
      _ = try library.table.write([.delete(item.key, if: .version(item.version))])
    }
  }
}

extension Fault {
  fileprivate func notTaken(_ file: String) -> Fault { Fault(kind, "\(file) is not taken: \(message)", cause: cause) }
}
