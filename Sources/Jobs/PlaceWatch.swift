internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Objects
internal import Store

/// Makes assets of files that come into watched places, and starts pipelines for them.
///
/// A file is taken once it is whole. That it was taken is written in one transaction with the job that it starts; what is cut off before is done
/// again, and finds the asset that it has made.
final class PlaceWatch: Sendable {
  let jobs: JobDesk
  let start: TriggerStart
  private let watched: WatchedFolders
  private let isRemote: Bool
  let memory = Monitor(WatchMemory())

  var library: Library { jobs.library }

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
        let look = try look(at: place, trigger, isStopped)
        isIdle = isIdle && look.isIdle
        if look.isOne { hear(trigger, nil) }
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

  /// Not one where the place is let rest, or is another's to look at: nothing is known then of how it is.
  private func look(
    at place: any WatchedPlace, _ trigger: Trigger, _ isStopped: () -> Bool
  ) throws(Fault) -> (isIdle: Bool, isOne: Bool) {
    guard place.isRemote else {
      return (try pass(through: place, trigger) { () throws(Fault) in !isStopped() }, isOne: true)
    }
    if let isIdle = memory.update({ $0[trigger.id].resting(at: Clock.now) }) { return (isIdle, isOne: false) }
    var turn = WatchTurn(library, trigger)
    guard try turn.take() else { return (false, isOne: false) }
    do throws(Fault) {
      let isIdle = try pass(through: place, trigger) { () throws(Fault) in
        if isStopped() { return false }
        return try turn.keep()
      }
      try turn.end()
      return (isIdle, isOne: true)
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

  func finish(_ file: FoundFile, _ trigger: Trigger, rest: UInt64 = .max) {
    memory.update { $0[trigger.id].finish(file, until: rest == .max ? .max : Clock.now + rest) }
  }

  /// What became of files that are taken together.
  private struct Taking {
    /// To be written down.
    var taken: [(FoundFile, WatchedFile)] = []
    /// Those that cannot be read now, since the last one that could.
    var lost: [(FoundFile, Fault)] = []
    /// None is to be looked at again.
    var isWhole = true
    /// It is not the file that is wrong.
    var failure: Fault?
  }

  /// `false` where some of the files are to be looked at again.
  private func take(
    _ files: [FoundFile], _ trigger: Trigger, _ place: any WatchedPlace, _ goesOn: () throws(Fault) -> Bool
  ) throws(Fault) -> Bool {
    var (taking, begun) = (Taking(), Clock.now)
    for (file, item) in zip(files, try library.table.get(files.map { key($0.inner, trigger) })) {
      guard try goesOn() else {
        taking.isWhole = false
        break
      }
      if try item.map(WatchedFile.init)?.state == file.content {
        finish(file, trigger)
      } else if place.isBeingWritten(file) {
        taking.isWhole = false
      } else {
        note(add(file, trigger, place, goesOn), of: file, trigger, place, in: &taking)
      }
      if taking.failure != nil { break }
      guard Clock.now - begun > Self.stepNanoseconds else { continue }
      try commit(&taking.taken, trigger)
      begun = Clock.now
    }
    try commit(&taking.taken, trigger)
    if let failure = taking.failure { throw failure }
    giveUp(&taking.lost, trigger, place)
    return taking.isWhole
  }

  private func note(
    _ outcome: Outcome, of file: FoundFile, _ trigger: Trigger, _ place: any WatchedPlace, in taking: inout Taking
  ) {
    let shown = place.shown(file.inner)
    switch outcome {
    case .asset(let id):
      taking.taken.append((file, WatchedFile(path: file.inner, state: file.content, asset: id, reason: nil)))
      giveUp(&taking.lost, trigger, place)
    case .another: if miss(file, trigger, place) { taking.isWhole = false }
    case .refused(let fault):
      tell(fault.notTaken(shown), shown + fault.message)
      let reason = String(fault.message.prefix(300))
      taking.taken.append((file, WatchedFile(path: file.inner, state: file.content, asset: nil, reason: reason)))
    case .forbidden(let fault):
      // Once for all of them: what may not be read may be another thing once a right was given.
      tell(fault.notTaken(shown), fault.message)
      finish(file, trigger, rest: WatchMemory.longRest)
    case .lost(let fault):
      taking.lost.append((file, fault))
      taking.isWhole = false
      if taking.lost.count >= Self.mostLost { taking.failure = fault }
    case .failed(let fault): taking.failure = fault
    }
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
}

extension Fault {
  fileprivate func notTaken(_ file: String) -> Fault { Fault(kind, "\(file) is not taken: \(message)", cause: cause) }
}
