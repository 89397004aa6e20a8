internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

/// How triggers start jobs: in one transaction with what tells that they did, so that one that is cut off anywhere is begun again and starts nothing twice.
///
/// The job's first task is handed to the bus afterwards. Until that is done a note of it stands in the table, and whoever comes next does it.
struct TriggerStart: Sendable {
  /// An asset for which a trigger is to start its pipeline.
  struct Pair: Sendable, Hashable {
    let trigger: ULID
    let asset: ULID
  }

  let jobs: JobDesk

  private var table: any Table { jobs.library.table }

  init(_ jobs: JobDesk) { self.jobs = jobs }

  /// The triggers of a client, or of all, each client's oldest first.
  static func known(_ jobs: JobDesk, of client: String? = nil) throws(Fault) -> [TriggerChange.Known] {
    var found: [TriggerChange.Known] = []
    let range = client.map { Query.Range.prefix(LibraryKeys.triggers(of: $0)) } ?? .all
    try jobs.library.table.forEach(Query(LibraryKeys.triggers, range)) { (item) throws(Fault) in
      found.append(try TriggerChange.Known(item))
    }
    return found
  }

  /// The version of a client that is open, `nil` where it is gone or going.
  func open(_ client: String) throws(Fault) -> ItemVersion? {
    guard let item = try table.get(LibraryKeys.client(client)), try Client(item).state == .open else { return nil }
    return item.version
  }

  /// Writes that start one job a trigger, over the assets of the pairs whose pipeline was not started yet.
  ///
  /// What is gone by now, belongs to another client, or is paused is left out. At most 100 keys are read: so many pairs.
  func writes(_ pairs: [Pair]) throws(Fault) -> [Write] {
    guard !pairs.isEmpty else { return [] }
    let assets = try assets(of: pairs)
    var (writes, clients, taken) = ([Write](), [String: ItemVersion](), Set<ItemKey>())
    for known in try Self.known(jobs) where !known.trigger.isPaused {
      let trigger = known.trigger
      let own = pairs.filter { $0.trigger == trigger.id }.compactMap { assets[$0.asset] }
        .filter { $0.group.client.hasSameBytes(as: trigger.client) }.map(\.id)
      guard !own.isEmpty, let client = try open(trigger.client) else { continue }
      let keys = own.map { LibraryKeys.triggered(client: trigger.client, $0, pipeline: trigger.pipeline.digest) }
      let new = try zip(zip(own, keys), table.get(keys)).filter { $1 == nil && taken.insert($0.1).inserted }.map(\.0.0)
      guard !new.isEmpty else { continue }
      writes += TriggerChange.start(known, job(of: trigger, over: new))
      clients[trigger.client] = client
    }
    return writes + clients.map { TriggerChange.open($0.key, at: $0.value) }
  }

  private func assets(of pairs: [Pair]) throws(Fault) -> [ULID: Asset] {
    var assets: [ULID: Asset] = [:]
    for item in try table.present(Set(pairs.map(\.asset)).map(LibraryKeys.asset)) {
      let asset = try Asset(item)
      assets[asset.id] = asset
    }
    return assets
  }

  func job(of trigger: Trigger, over assets: [ULID]? = nil) -> Job {
    var random = SystemRandomNumberGenerator()
    let now = jobs.library.now
    return trigger.job(ULID(milliseconds: now, using: &random), at: now, over: assets)
  }

  /// Hands the tasks of jobs to the bus that were started, here or by one that was cut off.
  func handOut() throws(Fault) {
    let query = Query(LibraryKeys.triggersPosition.partition, .prefix(LibraryKeys.triggersOutbox))
    while true {
      let notes = try table.items(query).elements
      if notes.isEmpty { return }
      for note in notes {
        if let id = ULID(CompositeKey.parts(of: note.key.sort).last ?? ""), let job = try jobs.read(id)?.job,
          !job.isListed
        {
          try jobs.add([JobTask(.list, job.id, number: job.round)], of: job)
        }
        _ = try table.write([.delete(note.key)])
      }
    }
  }
}

/// Pairs for which there is room in one transaction, beside a position.
struct TriggerBatch {
  private(set) var pairs: [TriggerStart.Pair] = []
  private var triggers: Set<ULID> = []
  private var clients: Set<String> = []

  /// `false` where there is no room left; then nothing of the asset was taken.
  mutating func add(_ asset: ULID, of client: String, for triggers: [ULID]) -> Bool {
    guard !triggers.isEmpty else { return true }
    let (allTriggers, allClients) = (self.triggers.union(triggers), clients.union([client]))
    let count = 1 + pairs.count + triggers.count + 3 * allTriggers.count + allClients.count
    guard count <= ItemLimits.writeCount else { return false }
    (self.triggers, clients) = (allTriggers, allClients)
    pairs += triggers.map { TriggerStart.Pair(trigger: $0, asset: asset) }
    return true
  }
}
