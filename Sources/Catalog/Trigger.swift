internal import Items

/// What has a pipeline started by itself: a new asset, a file in a folder, or a new version of one of its models.
public struct Trigger: Sendable, Hashable {
  public enum Event: String, Sendable, Hashable, CaseIterable {
    /// An asset that is new where the trigger looks: added, moved there, or given its tags.
    case asset
    /// A file that is whole in a folder of the machine, or an object in a part of a bucket; it becomes an asset first.
    case folder
    /// The pipeline is another one by now, because a model of it is, or the engine.
    case model
  }

  public let id: ULID
  /// When it was made, in milliseconds since 1970.
  public let created: Int
  public let event: Event
  /// Which assets it is about, or where files of a folder belong.
  public var group: AssetGroup
  /// Every one of them; files of a folder get them.
  public var tags: [String] = []
  public var isPicture: Bool?
  /// What is started, as it was found last.
  public var pipeline: Job.Pinned
  /// From the root, or `s3://BUCKET/PREFIX`.
  public var folder: String?
  public var priority = Job.Priority.normal
  public var isPaused = false
  /// Jobs that it has started, and the last of them.
  public var jobCount = 0
  public var lastJob: ULID?

  public var client: String { group.client }

  public init(id: ULID, created: Int, event: Event, group: AssetGroup, pipeline: Job.Pinned) {
    (self.id, self.created, self.event) = (id, created, event)
    (self.group, self.pipeline) = (group, pipeline)
  }

  /// The most of one client, so that what one asset starts fits into one transaction.
  public static let mostOfClient = 20

  /// Whether an asset is one of those that it is about: none whose bytes a node at the edge alone has.
  public func matches(_ asset: Asset) -> Bool {
    guard asset.group.client.hasSameBytes(as: group.client), asset.node == nil else { return false }
    if let brand = group.brand {
      guard asset.group.brand?.hasSameBytes(as: brand) ?? false else { return false }
    }
    if let campaign = group.campaign {
      guard asset.group.campaign?.hasSameBytes(as: campaign) ?? false else { return false }
    }
    if let isPicture, isPicture != asset.media.isPicture { return false }
    return tags.allSatisfy { tag in asset.tags.contains { $0.hasSameBytes(as: tag) } }
  }

  /// Whether a change made an asset one of those that it is about.
  public func isNew(_ asset: Asset, before old: Asset?) -> Bool { matches(asset) && !(old.map(matches) ?? false) }

  /// Does the same as another one.
  public func isSame(as other: Trigger) -> Bool {
    event == other.event && group == other.group && isPicture == other.isPicture
      && folder.map { Array($0.utf8) } == other.folder.map { Array($0.utf8) }
      && Set(tags.map { Array($0.utf8) }) == Set(other.tags.map { Array($0.utf8) })
      && pipeline.digest == other.pipeline.digest
  }

  /// Which assets a job over all that it is about has.
  public var selection: AssetSelection {
    var selection = AssetSelection()
    (selection.brand, selection.campaign) = (group.brand, group.campaign)
    (selection.tags, selection.isPicture) = (tags, isPicture)
    return selection
  }

  /// The job that it starts; over the assets that are named, or over all that it is about.
  public func job(_ id: ULID, at moment: Int, over assets: [ULID]? = nil) -> Job {
    var selection = AssetSelection()
    if let assets { selection.assets = assets } else { selection = self.selection }
    var job = Job(id: id, client: client, created: moment, selection: selection, pipelines: [pipeline])
    (job.priority, job.trigger) = (priority, self.id)
    return job
  }
}
