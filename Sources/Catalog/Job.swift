public import Base

/// A request for analyses of many assets: every asset of a selection under every one of its pipelines.
public struct Job: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Its tasks are handed out; its items may still be on their way.
    case running
    /// Nothing is begun until it is resumed; what runs is finished.
    case paused
    /// Paused, because what was spent has reached its budget.
    case stopped
    /// Every item is settled.
    case finished
    /// What was not done by then never will be.
    case cancelled
    /// What it was to be about could not be fetched, or not be written down.
    case failed

    /// No item changes any more, unless failed ones are tried again.
    public var isOver: Bool { self != .running && self != .paused && self != .stopped }
  }

  /// Among jobs of one client the higher ones are first; clients take turns whatever it is.
  public enum Priority: String, Sendable, Hashable, CaseIterable { case low, normal, high }

  /// One pipeline, pinned: a worker that cannot do exactly this gives the task back.
  public struct Pinned: Sendable, Hashable {
    /// What the pipeline is called: its analyses replace each other in totals.
    public var series: String
    /// `sha256:…` of what it does, its models' bytes, engines and precisions included.
    public var digest: String
    /// YAML that says it.
    public var text: String
    /// The folder that paths of models in it are meant from.
    public var folder: String
    /// Its models, as predictions name them.
    public var models: [String]
    /// The same models by name and digest as they were published, before the pipeline said anything over their recipes.
    public var published: [String]

    /// Without `published` its models are as they were published.
    public init(
      series: String, digest: String, text: String, folder: String, models: [String], published: [String]? = nil
    ) {
      (self.series, self.digest, self.text, self.folder, self.models) = (series, digest, text, folder, models)
      self.published = published ?? models
    }
  }

  /// An address that is told when the job is over.
  public struct Webhook: Sendable, Hashable {
    public var address: String
    /// By which what it is told is signed.
    public var secret: String
    /// It may be an address of this machine or of a local network.
    public var reachesPrivate: Bool
    /// Why it was not told, where it was tried in vain.
    public var trouble: String?

    public init(address: String, secret: String, reachesPrivate: Bool) {
      (self.address, self.secret, self.reachesPrivate) = (address, secret, reachesPrivate)
    }
  }

  /// An address whose picture or film becomes an asset first.
  public struct Source: Sendable, Hashable {
    public var address: String
    /// It may be an address of this machine or of a local network.
    public var reachesPrivate: Bool
    /// Where the asset belongs.
    public var group: AssetGroup
    public var tags: [String] = []

    public init(address: String, reachesPrivate: Bool, group: AssetGroup) {
      (self.address, self.reachesPrivate, self.group) = (address, reachesPrivate, group)
    }
  }

  /// What its address gives could not be had yet, and is asked for again.
  public struct Waiting: Sendable, Hashable {
    /// What was wrong the last time.
    public var reason: String
    /// How often it was asked for so far, of how often it will be at most.
    public var attempts: Int
    public var most: Int
    /// When it is asked for again at the soonest, in milliseconds since 1970.
    public var next: Int

    public init(_ reason: String, attempts: Int, most: Int, next: Int) {
      (self.reason, self.attempts, self.most, self.next) = (reason, attempts, most, next)
    }
  }

  /// How many items stand where; together they are all that were listed so far.
  public struct Counts: Sendable, Hashable {
    public var listed = 0
    public var done = 0
    /// An analysis of the same identity was there before.
    public var kept = 0
    public var failed = 0
    public var cancelled = 0
    /// Of those that are done: frames of them could not be decoded.
    public var corrupt = 0

    public var settled: Int { done + kept + failed + cancelled }

    public init() {}

    fileprivate mutating func add(_ item: JobItem, by difference: Int) {
      switch item.state {
      case .done:
        done += difference
        if item.corruptFrames > 0 { corrupt += difference }
      case .kept: kept += difference
      case .failed: failed += difference
      case .cancelled: cancelled += difference
      case .waiting, .cut: break
      }
    }
  }

  public let id: ULID
  public let client: String
  /// Milliseconds since 1970.
  public let created: Int
  public var state = State.running
  public var selection: AssetSelection
  public var pipelines: [Pinned]
  public var source: Source?
  /// Why it failed.
  public var reason: String?
  /// What keeps its tasks from being done, as the last worker that could not do one told it.
  public var obstacle: String?
  /// Only before it is fetched.
  public var waiting: Waiting?
  /// The limits that its tasks keep, by name.
  public var profile = "local"
  public var priority = Priority.normal
  /// What it may spend at most, in millionths of the unit of money that prices are in.
  public var budget: Int?
  /// Its tasks are handed out by another engine, which runs a program for each.
  public var isExternal = false
  public var webhook: Webhook?
  public var counts = Counts()
  /// Where the listing of items goes on; `nil` once all are listed.
  public var cursor: String? = ""
  /// Microseconds of processors that its tasks took, failed ones too.
  public var processorTime = 0
  /// What a second of a processor costs, in the unit of money.
  public var price = 0.0
  /// What is done of items that were cut and are not settled yet, in millionths of an item.
  public var partial = 0
  /// Share of the items that is done, in millionths; it never falls.
  public var progress = 0
  /// When it was over.
  public var ended: Int?
  /// What started it, where that was no request.
  public var trigger: ULID?
  /// Where whoever started it stood in a trace, in which its tasks stand too.
  public var trace: Trace?
  /// Goes up with every retry, so that a completion is told once for each.
  public var round = 1

  public init(id: ULID, client: String, created: Int, selection: AssetSelection, pipelines: [Pinned]) {
    (self.id, self.client, self.created) = (id, client, created)
    (self.selection, self.pipelines) = (selection, pipelines)
  }

  /// What it has cost so far, in millionths of the unit of money.
  public var cost: Int { Int((Double(processorTime) * price).rounded()) }

  /// What its address gives is not there.
  public var isUnfetched: Bool { source != nil && selection.assets.isEmpty }

  /// What its address gives is not there yet.
  public var fetches: Bool { isUnfetched && !state.isOver }

  /// Every item is known.
  public var isListed: Bool { cursor == nil }

  /// An item stands another way than before, or is a new one.
  public mutating func count(_ item: JobItem, insteadOf old: JobItem? = nil) {
    if let old { counts.add(old, by: -1) } else { counts.listed += 1 }
    counts.add(item, by: 1)
    partial += item.share - (old?.share ?? 0)
    processorTime += item.processorTime - (old?.processorTime ?? 0)
  }

  /// Takes in what became of its items; a job whose last item is settled is finished.
  public mutating func settle(now: Int) {
    if isListed, counts.listed > 0 {
      let done = Double(counts.settled) * 1_000_000 + Double(max(0, partial))
      progress = max(progress, min(1_000_000, Int(done / Double(counts.listed))))
    }
    if isListed, counts.settled == counts.listed, !state.isOver {
      (state, ended, progress) = (.finished, now, 1_000_000)
    }
    if let budget, cost >= budget, state == .running { state = .stopped }
  }
}

/// Which assets of a client a job is about, as they are when it is started: later ones are not.
public struct AssetSelection: Sendable, Hashable {
  public var brand: String?
  public var campaign: String?
  public var tags: [String] = []
  public var state: Asset.State?
  public var isPicture: Bool?
  public var text: String?
  /// When they were added, in milliseconds since 1970: from the first moment on, and before the second.
  ///
  /// Of a stream, `from` and ``to`` are when it was recorded.
  public var from: Int?
  public var before: Int?
  /// Only what was recorded of a live stream: all that came of it, or clips of its events.
  public var stream: String?
  public var recording: Recording.Kind?
  /// Of a stream, when that was recorded, likewise; whatever overlaps with it.
  public var recorded: ClosedRange<Int>? {
    guard stream != nil else { return nil }
    let (start, end) = (from ?? 0, to ?? Self.end)
    return min(start, end)...max(start, end)
  }
  public var to: Int?
  private static let end = Int(1e15)
  /// These alone, whatever else is said; at most ``mostAssets``.
  public var assets: [ULID] = []

  public static let mostAssets = 1000

  public init() {}
}
