public import Base
public import Catalog
internal import Items
internal import Library
public import Objects
internal import Store

/// What is asked for when a trigger is made.
public struct TriggerRequest: Sendable {
  public var event: Trigger.Event
  /// Which assets it is about, or where files of a folder belong.
  public var group: AssetGroup
  public var tags: [String] = []
  public var isPicture: Bool?
  public var pipeline: Job.Pinned
  /// From the root, or `s3://BUCKET/PREFIX`.
  public var folder: String?
  /// Who is asked for the bucket that the folder is: without one none is watched.
  public var bucket: S3Client?
  public var priority = Job.Priority.normal

  public init(_ event: Trigger.Event, group: AssetGroup, pipeline: Job.Pinned) {
    (self.event, self.group, self.pipeline) = (event, group, pipeline)
  }

  /// Faults are `badInput`.
  func check() throws(Fault) {
    try group.check()
    for tag in tags { try AssetGroup.check(name: tag, "a tag") }
    guard tags.count <= Asset.mostTags, Set(tags.map { Array($0.utf8) }).count == tags.count else {
      throw Fault(.badInput, "a trigger names at most \(Asset.mostTags) tags, and each once")
    }
    guard (event == .folder) == (folder != nil) else {
      throw Fault(.badInput, "a folder is named for a trigger on a folder, and for no other")
    }
    guard let folder else { return }
    try check(folder)
  }

  private func check(_ folder: String) throws(Fault) {
    guard isPicture == nil else { throw Fault(.badInput, "a trigger on a folder takes videos and pictures alike") }
    if BucketPlace.isNamed(folder) {
      guard let bucket else { throw Fault(.denied, "a bucket is watched by who has its credentials on this machine") }
      guard bucket.address.shown.hasSameBytes(as: folder) else {
        throw Fault(
          .badInput, "'\(folder)' would be read as \(bucket.address.shown): no empty names, and no slash at the end")
      }
      return try BucketPlace(client: bucket, isMedia: { _ in false }).check()
    }
    guard folder.hasPrefix("/"), folder.utf8.count <= 1000 else {
      throw Fault(.badInput, "a folder is named from the root, in at most 1000 bytes, or as s3://BUCKET/PREFIX")
    }
    guard FileSystem.kind(of: folder) == .folder else { throw Fault(.notFound, "there is no folder \(folder)") }
  }
}

/// Triggers of a library, as use cases; for any thread that may block.
public final class TriggerDesk: Sendable {
  public let jobs: JobDesk
  let reader: TriggerReader

  var library: Library { jobs.library }

  public init(_ jobs: JobDesk) { (self.jobs, reader) = (jobs, TriggerReader(jobs)) }

  /// The fault of a trigger that is not there, or not for this caller: both are told alike.
  public static func noTrigger(_ id: String) -> Fault {
    Fault(.notFound, "there is no trigger '\(id.prefix(64))'; see 'ridley trigger list'")
  }

  /// Makes a trigger, or finds the one that does the same.
  ///
  /// One on assets is about those that come from then on.
  public func add(_ request: TriggerRequest, scope: ClientScope) throws(Fault) -> (trigger: Trigger, isNew: Bool) {
    try request.check()
    try jobs.needBus("a trigger")
    guard scope.covers(request.group.client) else {
      throw Fault(.denied, "a trigger is made for one's own client alone")
    }
    if let folder = request.folder, (FileSystem.absolute(library.path) + "/").hasPrefix(folder + "/") {
      throw Fault(.badInput, "the library itself lies in \(folder): what it keeps would be added again and again")
    }
    if let bucket = request.bucket?.address, let own = library.objects.bucket, bucket.overlaps(own) {
      throw Fault(
        .badInput,
        "the library keeps its own objects in \(own.shown), which \(bucket.shown) would take in: watch another part")
    }
    var random = SystemRandomNumberGenerator()
    var new = Trigger(
      id: ULID(milliseconds: library.now, using: &random), created: library.now, event: request.event,
      group: request.group, pipeline: request.pipeline)
    (new.tags, new.isPicture, new.folder, new.priority) = (
      request.tags, request.isPicture, request.folder, request.priority
    )
    let trigger = new
    return try library.change("the triggers of '\(trigger.client)'") { () throws(Fault) in
      let client = try library.openClient(trigger.client)
      let others = try TriggerStart.known(jobs, of: trigger.client)
      if let same = others.first(where: { $0.trigger.isSame(as: trigger) }) { return ([], (same.trigger, false)) }
      guard others.count < Trigger.mostOfClient else {
        throw Fault(.exhausted, "'\(trigger.client)' has \(others.count) triggers, which is the most: remove one first")
      }
      let key = LibraryKeys.trigger(trigger.client, trigger.id)
      let writes: [Write] = [
        .put(key, trigger.json, if: .absent), TriggerChange.open(trigger.client, at: client),
      ]
      return (writes + (try arming(trigger)), (trigger, true))
    }
  }

  /// A trigger on assets starts nothing for what came before: those that are there follow the changes to their end first, and where there is none, nothing
  /// that was changed so far is looked at.
  private func arming(_ trigger: Trigger) throws(Fault) -> [Write] {
    guard trigger.event == .asset else { return [] }
    let others = try TriggerStart.known(jobs).filter { $0.trigger.id != trigger.id && $0.trigger.followsAssets }
    guard others.isEmpty else {
      _ = try reader.apply(before: Clock.now + 30_000_000_000)
      return []
    }
    let found = try library.table.get(LibraryKeys.triggersPosition)
    let last = try library.lastPosition()
    return [
      .put(
        LibraryKeys.triggersPosition, ReaderPosition.json(last), if: found.map { .version($0.version) } ?? .absent)
    ]
  }

  /// A client's triggers, the oldest first.
  public func list(client: String, scope: ClientScope) throws(Fault) -> [Trigger] {
    guard scope.covers(client) else { return [] }
    return try TriggerStart.known(jobs, of: client).map(\.trigger)
  }

  /// The trigger, where it is there and the caller may see it; else the fault `notFound`, one as the other.
  ///
  /// The last 4 characters of the id or more will do.
  public func trigger(_ id: String, scope: ClientScope) throws(Fault) -> Trigger { try found(id, scope).trigger }

  private func found(_ id: String, _ scope: ClientScope) throws(Fault) -> TriggerChange.Known {
    let capitals = id.uppercased()
    let found = try TriggerStart.known(jobs).filter {
      scope.covers($0.trigger.client) && capitals.utf8.count >= 4 && $0.trigger.id.text.hasSuffix(capitals)
    }
    guard found.count <= 1 else { throw Fault(.usage, "\(found.count) triggers end in '\(id)': say more of the id") }
    guard let one = found.first else { throw Self.noTrigger(id) }
    return one
  }

  /// Takes a trigger away; what it has started goes on.
  public func remove(_ id: String, scope: ClientScope) throws(Fault) {
    let trigger = try found(id, scope).trigger
    // Before and after: what was at one of its files meanwhile finds it gone.
    try forgetFiles(of: trigger)
    let keys = [
      LibraryKeys.trigger(trigger.client, trigger.id), LibraryKeys.watchTurn(client: trigger.client, trigger.id),
    ]
    _ = try library.table.write(keys.map { .delete($0) })
    try forgetFiles(of: trigger)
  }

  private func forgetFiles(of trigger: Trigger) throws(Fault) {
    let query = Query(
      LibraryKeys.watchedPartition(trigger.client), .prefix(LibraryKeys.watched(trigger.id)),
      limit: ItemLimits.writeCount)
    while true {
      let files = try library.table.items(query).elements
      if files.isEmpty { return }
      _ = try library.table.write(files.map { .delete($0.key) })
    }
  }

  /// Has a trigger start nothing until it is resumed; what comes to the library meanwhile is passed over.
  public func pause(_ id: String, scope: ClientScope) throws(Fault) -> Trigger {
    try change(id, scope) { (trigger) throws(Fault) in
      trigger.isPaused = true
      return []
    }
  }

  public func resume(_ id: String, scope: ClientScope) throws(Fault) -> Trigger {
    try change(id, scope) { (trigger) throws(Fault) in
      guard trigger.isPaused else { return [] }
      try jobs.needBus("a trigger")
      trigger.isPaused = false
      return try arming(trigger)
    }
  }

  private func change(
    _ id: String, _ scope: ClientScope, _ edit: (inout Trigger) throws(Fault) -> [Write]
  ) throws(Fault) -> Trigger {
    try library.change("the trigger '\(id)'") { () throws(Fault) in
      let old = try found(id, scope)
      var new = old.trigger
      let more = try edit(&new)
      guard new != old.trigger else { return ([], new) }
      return (TriggerChange.update(new, at: old.version) + more, new)
    }
  }
}

extension Trigger {
  /// It is looked for among the changes of assets.
  var followsAssets: Bool { event == .asset && !isPaused }
}
