public import Base
public import Bus
public import Catalog
internal import Crypto
internal import Items
public import Library
internal import Objects
internal import Planning
internal import Store

/// What is asked for when a job is started.
public struct JobRequest: Sendable {
  public var client: String
  public var selection = AssetSelection()
  public var pipelines: [Job.Pinned]
  public var profile = "local"
  public var priority = Job.Priority.normal
  /// In millionths of the unit of money, more than 0; it needs a price.
  public var budget: Int?
  /// What a second of a processor costs, in the unit of money.
  public var price = 0.0
  public var webhook: Job.Webhook?
  /// In place of assets that are there.
  public var source: Job.Source?
  /// Another engine hands its tasks out.
  public var isExternal = false
  /// Where the caller stands in a trace.
  public var trace: Trace?
  /// The caller's own name for this request: asked again under it, the job is the same one.
  public var key: String?

  public init(client: String, pipelines: [Job.Pinned]) { (self.client, self.pipelines) = (client, pipelines) }
}

/// Jobs over a library, as use cases; for any thread that may block.
///
/// Every change of a job is one transaction; tasks are handed to the bus afterwards, by keys that make doing so twice harmless.
public final class JobDesk: Sendable {
  public let library: Library
  public let bus: any Bus

  /// What ``noteBacklog()`` found last; `nil` where that failed, or was never asked.
  public var notedBacklog: Int? { noted.update { $0 } }
  private let noted = Monitor<Int?>(nil)

  public init(_ library: Library, bus: any Bus) { (self.library, self.bus) = (library, bus) }

  /// Tasks that may be had and those that are at work: of all clients, or of one.
  public func backlog(scope: ClientScope) throws(Fault) -> Int {
    switch scope {
    case .all: return try bus.backlog()
    case .client(let name):
      let counts = try bus.counts(queue: name)
      return counts.waiting + counts.leased
    }
  }

  /// Asks the bus for the figure that whoever may not wait for it is told.
  public func noteBacklog() throws(Fault) {
    do throws(Fault) {
      let found = try bus.backlog()
      noted.update { $0 = found }
    } catch {
      noted.update { $0 = nil }
      throw error
    }
  }

  /// The most pipelines of one job.
  public static let mostPipelines = 16

  /// The fault of a job that is not there, or not for this caller: both are told alike.
  public static func noJob(_ id: String) -> Fault {
    Fault(.notFound, "there is no job '\(id.prefix(64))'; see 'ridley job list'")
  }

  /// Whether there is a bus; without one there are jobs of other engines alone.
  public var hasBus: Bool { !(bus is NoBus) }

  /// Refuses what needs workers, `a trigger`, where there is no bus.
  public func needBus(_ what: String) throws(Fault) { if !hasBus { throw NoBus.refusal(what) } }

  /// Starts a job, or finds the one that was started under the same key.
  ///
  /// The fault is `conflict` where something else was asked for under the key; `unsupported` where there is no bus, and workers would have to do
  /// any of it. Who starts one for another engine writes its items down: `JobWork.list`.
  public func start(_ request: JobRequest, scope: ClientScope) throws(Fault) -> (job: Job, isNew: Bool) {
    if !request.isExternal || request.source != nil { try needBus("a job for Ridley's own workers") }
    if request.webhook != nil { try needBus("a job with a webhook") }
    try check(request, scope)
    let mark = request.key.map { ($0, Self.digest(request)) }
    var random = SystemRandomNumberGenerator()
    var job = Job(
      id: ULID(milliseconds: library.now, using: &random), client: request.client,
      created: try moment(of: request.client),
      selection: request.selection, pipelines: request.pipelines)
    (job.profile, job.priority) = (request.profile, request.priority)
    (job.isExternal, job.source, job.trace) = (request.isExternal, request.source, request.trace)
    (job.budget, job.price, job.webhook) = (request.budget, request.price, request.webhook)
    let new = job
    let started = try library.change("the job") { () throws(Fault) -> ([Write], (job: Job, isNew: Bool)) in
      if let mark, let old = try found(mark, client: request.client) { return ([], (old, false)) }
      // A client that is purged meanwhile has no job begun.
      let client = try library.openClient(request.client, makes: request.source != nil)
      return (JobChange.start(new, request: mark) + [TriggerChange.open(request.client, at: client)], (new, true))
    }
    // Also for one that was there: its starter may have ended before it came to this.
    if !started.job.isListed { try add([JobTask(.list, started.job.id, number: started.job.round)], of: started.job) }
    return started
  }

  func check(_ request: JobRequest, _ scope: ClientScope) throws(Fault) {
    try AssetGroup.check(client: request.client)
    let selection = request.selection
    try AssetGroup(client: request.client, brand: selection.brand, campaign: selection.campaign).check()
    guard scope.covers(request.client) else { throw Fault(.denied, "a job is started for one's own client alone") }
    guard (1...Self.mostPipelines).contains(request.pipelines.count) else {
      throw Fault(.badInput, "\(request.pipelines.count) pipelines: a job has 1 to \(Self.mostPipelines)")
    }
    guard Set(request.pipelines.map(\.digest)).count == request.pipelines.count else {
      throw Fault(.badInput, "two of the pipelines are the same: name each once")
    }
    _ = try TaskProfile.named(request.profile)
    guard request.price >= 0, request.price.isFinite else {
      throw Fault(.badInput, "a price is 0 or more")
    }
    if let budget = request.budget { try Self.check(budget: budget, price: request.price) }
    if let source = request.source {
      try SignedRequest.check(source.address)
      try source.group.check()
      guard source.group.client.hasSameBytes(as: request.client) else {
        throw Fault(.badInput, "what is fetched belongs to the job's client")
      }
    }
    if let webhook = request.webhook {
      try SignedRequest.check(webhook.address)
      try SignedRequest.check(secret: webhook.secret)
    }
    if let key = request.key {
      guard (1...200).contains(key.utf8.count), key.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7f })
      else { throw Fault(.badInput, "the key of a request has 1 to 200 visible characters of ASCII") }
    }
    for id in selection.assets {
      let asset = try library.asset(id.text, scope: scope).asset
      guard asset.group.client.hasSameBytes(as: request.client) else { throw Library.noAsset(id.text) }
    }
    _ = try library.openClient(request.client, makes: request.source != nil)
  }

  /// A budget is in millionths of the unit of money, and 1000000000 units at most.
  static func check(budget: Int, price: Double) throws(Fault) {
    guard price > 0 else {
      throw Fault(.badInput, "a budget needs a price: say what a second of a processor costs")
    }
    guard (1...1_000_000_000_000_000).contains(budget) else {
      throw Fault(
        .badInput,
        "a budget is more than 0, and at most 1000000000: a job without one goes on until all is done")
    }
  }

  /// Now, as the library counts: what was added before is never of later, also where the clock was set back since.
  private func moment(of client: String) throws(Fault) -> Int {
    let newest = try library.list(AssetFilter(client: client), scope: .client(client), limit: 1).elements.first
    return max(library.now, newest?.added ?? 0)
  }

  private func found(_ mark: (key: String, digest: String), client: String) throws(Fault) -> Job? {
    guard let item = try library.table.get(LibraryKeys.jobRequest(client: client, key: mark.key)) else { return nil }
    let old = try JobRequestMark(item)
    guard old.digest == mark.digest else {
      throw Fault(
        .conflict, "under the key '\(mark.key)' something else was asked for before (job \(old.job)): use another key")
    }
    return try read(old.job)?.job
  }

  /// Of everything that decides what a job does.
  private static func digest(_ request: JobRequest) -> String {
    let bytes = JSONWriter.object(capacity: 1024) { json in
      json.object("selection", request.selection.write)
      json.field("pipelines", request.pipelines.map(\.digest))
      json.field("profile", request.profile)
      json.field("priority", request.priority.rawValue)
      json.field("budget", ifKnown: request.budget)
      json.field("price", request.price, digits: 12)
      json.field("webhook", ifKnown: request.webhook?.address)
      json.field("source", ifKnown: request.source?.address)
    }
    return SHA256.hex(of: bytes)
  }

  /// The job as it stands, `nil` where it is not there.
  func read(_ id: ULID) throws(Fault) -> (job: Job, version: ItemVersion)? {
    guard let item = try library.table.get(LibraryKeys.job(id)) else { return nil }
    return (try Job(item), item.version)
  }

  /// Hands tasks to the bus.
  func add(_ tasks: [JobTask], of job: Job) throws(Fault) {
    var others: [JobTask.Kind] = job.isExternal ? [.item, .piece, .merge] : []
    if job.isExternal, !hasBus { others.append(.list) }
    let own = tasks.filter { !others.contains($0.kind) }
    let entries = own.map { task in
      BusTask(
        key: task.key, queue: job.client, group: job.id.text, priority: task.priority(in: job), payload: task.bytes,
        mostAttempts: BusLimits.attempts)
    }
    for start in stride(from: 0, to: entries.count, by: BusLimits.batchCount) {
      _ = try bus.add(Array(entries[start..<min(entries.count, start + BusLimits.batchCount)]))
    }
  }
}
