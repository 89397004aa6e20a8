public import Base
public import Inference
internal import Isolation
public import Loading
internal import ModelHub
public import ModelProcess
public import Rollouts
public import Telemetry

/// The models of a folder, loaded and served; versions come, go and are replaced while requests run.
public final class ModelRepository: Sendable {
  public struct Options: Sendable {
    /// `NAME/VERSION/` below it.
    public var folder: String
    /// Pipelines as YAML; `nil` serves none.
    public var pipelines: String?
    /// Where pulled files stand.
    public var store: String
    public var load = LoadOptions()
    /// What was tuned on this machine, for models of which nothing is said.
    public var settings: SettingStore?
    /// Settings of single models, in place of `load`.
    public var loadOf: [String: LoadOptions] = [:]
    /// Units on other hosts; `nil` for none.
    public var units: (any RemoteUnits)?
    /// Where single models are computed; others ``UnitPlace/both`` where there are units.
    public var placeOf: [String: UnitPlace] = [:]
    /// Rows that may wait for one model.
    public var queue = usualQueue
    public static let usualQueue = 256
    public var queueOf: [String: Int] = [:]
    /// Seconds after which a running inference counts as hung.
    public var stall = 30.0
    /// How much memory all versions may take together; `nil` keeps each where it was loaded.
    public var memory: MemoryLimit?
    /// Processes in which networks are tried before this one reads them; `nil` reads them here at once, which is for tests.
    public var processes: ModelProcessOptions?
    /// Seconds that a network may take in such a process, unless it is said.
    public static let usualTrialSeconds = ModelProcessOptions().seconds
    /// Where traces go; `nil` for nowhere.
    public var telemetry: Telemetry?
    /// Told, in one line, of what nobody asked for: a model's own process that crashed.
    public var warn: @Sendable (String) -> Void = { _ in }

    /// Says, before anything is locked, whether an alias may be moved to a version; throws where it may not.
    public var mayMoveAlias: (@Sendable (_ model: String, _ version: String) throws(Fault) -> Void)?

    /// Has a version brought here that is to be pointed to and is in no folder; throws that it is on its way, or why it does not come.
    public var fetches: (@Sendable (_ model: String, _ version: String) throws(Fault) -> Void)?

    /// Moves an alias where that is decided in another place than the folder: asked before it moves here, and not where it throws.
    public var movesAlias:
      (@Sendable (_ alias: String, _ model: String, _ version: String?, _ who: String) throws(Fault) -> Void)?

    /// Where rollouts of its models are kept, where they are.
    public var rollouts: (any RolloutBook)?

    public init(folder: String, store: String) { (self.folder, self.store) = (folder, store) }
  }

  /// What is to be said of one version.
  public enum State: Sendable {
    case loading
    case ready(ServedVersion)
    case unavailable(Fault)
  }

  struct Entry: Sendable {
    var versions: [String: State] = [:]
    /// As they were when they could be read last.
    var aliases: [String: String] = [:]
    /// They could be read once, so that it is known which version is meant by an alias, or by no name at all.
    var areAliasesKnown = false
    /// What is wrong with the model as a whole: its folder, or its file of aliases.
    var fault: Fault?

    /// The alias `live`, else the newest that is ready.
    var usual: String? {
      if let live = aliases["live"] { return live }
      return versions.filter { if case .ready = $0.value { true } else { false } }.keys.max(by: NameGrammar.isOlder)
    }

    /// Why it cannot be said which version is meant by this name, or by none.
    func ambiguity(of version: String?) -> Fault? {
      guard let fault, versions.isEmpty || !areAliasesKnown, version.map({ versions[$0] == nil }) ?? true else {
        return nil
      }
      return fault
    }
  }

  let options: Options
  let engine: Engine
  let table = Monitor<[String: Entry]>([:])
  /// Held for short, by whoever changes the list or the aliases.
  let changing = Monitor(())
  let tickets = LoadTickets()
  /// What only takes what was kept, and what is tried first: so that the one does not wait for the other.
  let loads = LoadQueue(limit: 2)
  let trying: LoadQueue
  let trials: ModelTrials?
  let budget: MemoryBudget?
  /// The files of each version when it was last tried.
  let seen = Monitor<[ModelVersion: String]>([:])
  let isClosing = Monitor(false)
  /// Pipelines that were put together, by name; they keep the versions that they stand on.
  let pipelines = Monitor<[String: PipelineEntry]>([:])
  /// All that was found first was tried.
  private let hasSettled = Monitor(false)
  private let metrics = Monitor<[String: ModelMetrics]>([:])
  /// Who answers what, where a model is being rolled out.
  public let rollouts = RolloutDesk()
  /// Where rollouts are kept; `nil` where this server follows none.
  public var book: (any RolloutBook)? { options.rollouts }

  public init(_ options: Options, on engine: Engine) throws(Fault) {
    (self.options, self.engine) = (options, engine)
    trials = options.processes.map { ModelTrials($0) }
    budget = options.memory.map { MemoryBudget($0) }
    // One that is tried leaves a place when it waits for nothing but the engine here.
    trying = LoadQueue(limit: 2 * (options.processes?.parallel ?? 1))
    let found = try folders.list()
    for (name, versions) in found.models {
      var entry = Entry()
      for version in versions { entry.versions[version.version] = .loading }
      folders.removeLeftovers(of: name)
      readAliases(of: name, into: &entry)
      table.update { [entry] in $0[name] = entry }
    }
    for (name, fault) in found.faults {
      table.update { [fault = toldToClients(fault)] in $0[name] = Entry(fault: fault) }
    }
  }

  /// What cannot be read leaves those that were known, with the reason.
  func readAliases(of model: String, into entry: inout Entry) {
    do throws(Fault) {
      (entry.aliases, entry.areAliasesKnown, entry.fault) = (try folders.aliases(of: model), true, nil)
    } catch {
      entry.fault = toldToClients(error)
    }
  }

  /// What stands on the disk.
  var folders: VersionRepository { VersionRepository(options.folder) }

  /// A version that is ready: the one named, by number or alias, else the usual one.
  public func find(_ model: String, version: String? = nil) throws(Fault) -> ServedVersion {
    let found: Result<ServedVersion, Fault> = table.update { table in
      guard let entry = table[model] else {
        let hint = Suggestion.hint(for: model, among: Array(table.keys))
        return .failure(Fault(.notFound, "there is no model '\(model)'\(hint)"))
      }
      if let fault = entry.ambiguity(of: version) {
        return .failure(Fault(.unavailable, "the model '\(model)' cannot be asked so: \(fault.message)"))
      }
      guard
        let name = version.map({ entry.aliases[$0] ?? $0 }) ?? entry.usual
          ?? entry.versions.keys.max(by: NameGrammar.isOlder)
      else { return .failure(Fault(.notFound, "the model '\(model)' has no versions")) }
      switch entry.versions[name] {
      case .ready(let served): return .success(served)
      case .loading: return .failure(Fault(.unavailable, "version \(name) of '\(model)' is being loaded"))
      case .unavailable(let fault):
        return .failure(Fault(.unavailable, "version \(name) of '\(model)' is not loaded: \(fault.message)"))
      case nil:
        let known = entry.versions.keys.sorted(by: NameGrammar.isOlder).joined(separator: ", ")
        return .failure(Fault(.notFound, "the model '\(model)' has no version '\(name)'; it has \(known)"))
      }
    }
    return try found.get()
  }

  /// A model and its versions, from old to new.
  public struct Listed: Sendable {
    public let model: String
    public let versions: [(version: String, state: State)]
    public let aliases: [String: String]
    /// What is wrong with the model as a whole: its folder, or its file of aliases.
    public let fault: Fault?
    /// A registry says which versions there are, and where its aliases point.
    public let isRegistered: Bool
  }

  /// Everything that was found, by name.
  public func list() -> [Listed] {
    table.update { table in
      table.keys.sorted().map { name in
        let entry = table[name]!
        let versions = entry.versions.keys.sorted(by: NameGrammar.isOlder).map {
          (version: $0, state: entry.versions[$0]!)
        }
        return Listed(
          model: name, versions: versions, aliases: entry.aliases, fault: entry.fault,
          isRegistered: options.movesAlias != nil)
      }
    }
  }

  /// What a version did since the server began, also while it was replaced.
  public func metrics(of model: String, version: String) -> ModelMetrics {
    metrics.update { metrics in
      let one = metrics["\(model)/\(version)"] ?? ModelMetrics()
      metrics["\(model)/\(version)"] = one
      return one
    }
  }

  /// Seconds after which a version that is still being loaded does not hold up ``isSettled`` any more.
  public static let settlingPatience = 20.0

  /// Every version that was there first was tried, or takes so long that it is not waited for; from then on for ever.
  public var isSettled: Bool {
    if hasSettled.update({ $0 }) { return true }
    let slow = tickets.active(before: Clock.now - UInt64(Self.settlingPatience * 1e9))
    let isSettled = table.update { table in
      table.allSatisfy { model, entry in
        entry.versions.allSatisfy { version, state in
          if case .loading = state { slow.contains { $0.meets(model, version) } } else { true }
        }
      }
    }
    if isSettled { hasSettled.update { $0 = true } }
    return isSettled
  }

  /// How often a version crashed the process that ran it, this one or its own, since it was last loaded by name.
  public func crashes(of model: String, version: String) -> Int { CrashJournal.crashes(of: "\(model)/\(version)") }

  /// Versions that can be asked, of all models.
  public var served: [ServedVersion] { ready }

  private var ready: [ServedVersion] {
    table.update { table in
      table.values.flatMap { entry in
        entry.versions.values.compactMap { if case .ready(let served) = $0 { served } else { nil } }
      }
    }
  }

  /// Drops what is late, replaces engines that hang and keeps memory below its limit; called some times a second.
  public func check() {
    let now = Clock.now
    for served in ready {
      served.check(now: now)
      if let refusal = served.refusal { withdraw(served, refusal) }
    }
    budget?.trim()
  }

  /// What versions may take of memory and take now, and how often one was loaded and left; `nil` where that is not bounded.
  public var memory: (limit: MemoryLimit, used: Int, loads: Int, departures: Int)? {
    budget.map { budget in
      let figures = budget.figures
      return (budget.limit, figures.used, figures.loads, figures.departures)
    }
  }

  /// Something waits or runs.
  public var isBusy: Bool { ready.contains { $0.load != (0, 0) } }

  /// The engine still works on something that was given up: the process is to end without waiting for it.
  public var hasAbandonedThreads: Bool { AbandonedThreads.exist }

  /// Finishes what was accepted and lets no request in any more.
  public func drain() {
    isClosing.update { $0 = true }
    tickets.close()
    for served in ready { served.drain() }
  }
}
