public import Base
public import Items
internal import JSON

/// What triggers start, as writes of one transaction, on the versions that were read.
public enum TriggerChange {
  /// A trigger with the version that was read.
  public struct Known: Sendable {
    public var trigger: Trigger
    public let version: ItemVersion

    public init(_ item: Item) throws(Fault) { (trigger, version) = (try Trigger(item), item.version) }
  }

  /// A job, the trigger that counts it, and the note that its tasks are still to be handed out; to be written with ``open(_:at:)``.
  ///
  /// Three writes, one where there is a request, and one an asset that is named: the mark that the pipeline was started for it.
  public static func start(
    _ known: Known, _ job: Job, request: (key: String, digest: String)? = nil
  ) -> [Write] {
    var trigger = known.trigger
    (trigger.jobCount, trigger.lastJob) = (trigger.jobCount + 1, job.id)
    let marks = job.selection.assets.flatMap { asset in
      job.pipelines.map { LibraryKeys.triggered(client: job.client, asset, pipeline: $0.digest) }
    }
    return JobChange.start(job, request: request)
      + [
        .put(LibraryKeys.trigger(trigger.client, trigger.id), trigger.json, if: .version(known.version)),
        .put(LibraryKeys.triggerOutbox(job.id), Array("{}".utf8)),
      ] + marks.map { .put($0, Array("{}".utf8), if: .absent) }
  }

  /// The client was open, and still is as it was.
  public static func open(_ client: String, at version: ItemVersion) -> Write {
    .check(LibraryKeys.client(client), if: .version(version))
  }

  /// The trigger as it is from now on.
  public static func update(_ trigger: Trigger, at version: ItemVersion) -> [Write] {
    [.put(LibraryKeys.trigger(trigger.client, trigger.id), trigger.json, if: .version(version))]
  }
}

/// How far a reader of changes has come that keeps nothing else.
public enum ReaderPosition {
  private enum Key: String, CaseIterable { case change }

  public static func json(_ position: ChangePosition) -> [UInt8] {
    JSONWriter.object(capacity: 64) { $0.field("change", position.text) }
  }

  public static func read(_ item: Item) throws(Fault) -> ChangePosition {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    return ChangePosition(text: try document.root.fields(Key.self).required(.change).string())
  }
}
