import Base
import Gateway
import Inference
import Isolation
import Items
import Loading
import ModelHub
import ModelProcess
import Pipelines
import Planning
import Serving
import Streams
import Vision

/// A server that keeps to a profile: what it would take is planned before anything starts, and what does not fit is refused.
extension ServeCommand {
  static let profileOption = Option.choice(
    "profile", ServeConfiguration.Profile.allCases.map(\.rawValue),
    "keep to one core, 512 MiB of memory and 2 GiB of disk (edge), or to what the machine has (local, the default)")

  /// What jobs know by that name, and no more than the machine has; `nil` where nothing is bounded.
  private func profile(_ configuration: ServeConfiguration) -> TaskProfile? {
    guard configuration.profile == .edge else { return nil }
    return TaskProfile.edge.within(memoryBytes: MachineMemory.byteCount, diskBytes: nil, of: "this machine")
  }

  /// Memory that there is for the server and all that it starts.
  func memory(_ configuration: ServeConfiguration) -> Int {
    profile(configuration)?.memoryBytes ?? MachineMemory.byteCount
  }

  /// Keeps to the profile's cores, and puts its limits in the place of usual ones; before anything else.
  func fit(_ configuration: inout ServeConfiguration) {
    guard let profile = profile(configuration), let memory = profile.memoryBytes, let disk = profile.diskBytes else {
      return
    }
    if !Processor.keep(to: Int(profile.cores)) {
      Terminal.complain(
        "ridley: the system does not keep this program to \(Int(profile.cores)) core: it may use more\n")
    }
    let usual = ServeConfiguration()
    configuration.workers = configuration.workers ?? 0
    let limits = configuration.limits
    configuration.limits.bodies = min(limits.bodies, memory / 16)
    configuration.limits.body = min(limits.body, configuration.limits.bodies)
    configuration.limits.answers = min(limits.answers, memory / 16)
    configuration.limits.connections = min(limits.connections, 256)
    configuration.recordings.space = configuration.recordings.space ?? disk / 2
    if configuration.diskReserve == usual.diskReserve { configuration.diskReserve = disk / 16 }
  }

  /// Plans what is served, says so, and bounds each part; what does not fit is refused, and nothing has started by then.
  func plan(
    _ configuration: inout ServeConfiguration, _ options: inout ModelRepository.Options, on engine: Engine
  ) throws(Fault) {
    guard let plan = try draft(configuration, options, on: engine) else { return }
    try plan.check()
    Terminal.complain("ridley: \(plan.text)\n")
    if let bytes = plan.modelBytes {
      var memory = options.memory ?? MemoryLimit(byteCount: bytes)
      memory.byteCount = min(memory.byteCount, bytes)
      (options.memory, configuration.memory) = (memory, memory)
    }
    options.processes?.parallel = 1
    if let bytes = plan.trialBytes {
      let bound = min(options.processes?.memory ?? bytes, bytes)
      options.processes?.memory = bound
    }
    (configuration.packetBytes, configuration.mostStreams) = (plan.ringBytes, plan.mostStreams)
  }

  /// Says so where what was measured since the plan was made does not fit: the next start is refused by it.
  func planAgain(_ configuration: ServeConfiguration, _ options: ModelRepository.Options, on engine: Engine) {
    do throws(Fault) { try draft(configuration, options, on: engine)?.check() } catch {
      Terminal.complain("ridley: will be refused at the next start: \(error.message)\n")
    }
  }

  /// `nil` where nothing is bounded.
  private func draft(
    _ configuration: ServeConfiguration, _ options: ModelRepository.Options, on engine: Engine
  ) throws(Fault) -> ServicePlan? {
    guard let profile = profile(configuration) else { return nil }
    var plan = ServicePlan(profile, .server, try models(options, on: engine))
    plan.streams = try streams(configuration, options.pipelines, plan.models)
    for (index, model) in plan.models.enumerated() {
      plan.models[index].isHeld = plan.streams.contains { $0.models.contains(model.name) }
    }
    (plan.workers, plan.recordings) = (configuration.workers ?? 0, configuration.recordings.space)
    plan.memory = options.memory?.byteCount
    return plan
  }

  /// The models of the folder, of each the version that is asked by its name alone last; of one that cannot be looked into it is told when it is loaded.
  private func models(
    _ options: ModelRepository.Options, on engine: Engine
  ) throws(Fault) -> [ServicePlan.Model] {
    let known = try Hub.standard(models: options.folder).list()
    let folders = VersionRepository(options.folder)
    return try folders.list().models.sorted { $0.key < $1.key }.flatMap { name, versions in
      let live = (try? folders.aliases(of: name))?["live"]
      let sorted = versions.filter { $0.version != live } + versions.filter { $0.version == live }
      return sorted.compactMap { version -> ServicePlan.Model? in
        guard options.placeOf[name] != .remote,
          let fileBytes = try? version.byteCount(store: options.store, cache: engine.cacheFolder), fileBytes > 0,
          let identity = try? VersionIdentity(version, store: options.store, on: engine)
        else { return nil }
        let load = identity.options(options.loadOf[name] ?? options.load, by: options.settings)
        var model = ServicePlan.Model(
          "\(name)/\(version.version)", need: identity.trialMark(load, on: engine).need, fileBytes: fileBytes)
        model.lighter = LighterModels.of(name, fileBytes: fileBytes, among: known)
        return model
      }
    }
  }

  /// Those of the configuration, and those that were added over HTTP.
  private func streams(
    _ configuration: ServeConfiguration, _ pipelines: String?, _ models: [ServicePlan.Model]
  ) throws(Fault) -> [ServicePlan.Stream] {
    let kept = try configuration.library.map { (path) throws(Fault) in try StreamBook(in: path).read() } ?? []
    var streams = configuration.streams.map { one in
      stream(one.name, one.view, one.rate, isRecorded: one.record != nil || one.clips != nil)
        .asking(names(one.pipeline, one.model, pipelines), of: models)
    }
    for one in kept where !configuration.streams.contains(where: { ($0.client, $0.name) == (one.client, one.name) }) {
      let draft = one.draft
      streams.append(
        stream(one.name, draft.view, draft.rate, isRecorded: draft.record != nil || draft.clips != nil)
          .asking(names(draft.pipeline, draft.model, pipelines), of: models))
    }
    return streams
  }

  private func stream(_ name: String, _ view: String?, _ rate: Double?, isRecorded: Bool) -> ServicePlan.Stream {
    var stream = ServicePlan.Stream(name)
    (stream.sources, stream.rate, stream.isRecorded) = (view == nil ? 1 : 2, rate, isRecorded)
    return stream
  }

  /// The models of a pipeline, or the one; a pipeline that cannot be read asks none, and is told of when it is served.
  private func names(_ pipeline: String?, _ model: String?, _ folder: String?) -> [String] {
    guard let pipeline else { return model.map { [$0] } ?? [] }
    let own = folder.map { "\($0)/\(pipeline).yaml" }
    let path = own.flatMap { FileSystem.kind(of: $0) == .file ? $0 : nil } ?? pipeline
    return (try? PipelineFile.read(path).pipeline.models) ?? []
  }
}

extension ServicePlan.Stream {
  /// The same with the last version of each model by these names.
  fileprivate func asking(_ names: [String], of models: [ServicePlan.Model]) -> ServicePlan.Stream {
    var stream = self
    stream.models = names.compactMap { name in models.last { $0.name.hasPrefix("\(name)/") }?.name }
    return stream
  }
}

extension ServicePlan.Model {
  /// As it was measured on this machine, or else as its files let expect.
  init(_ name: String, need: NetworkNeed?, fileBytes: Int) {
    let known = need ?? NetworkNeed(fileBytes: fileBytes)
    self.init(
      name, bytes: known.bytes, loadingBytes: known.loadingBytes, seconds: known.seconds, isMeasured: need != nil,
      fileBytes: fileBytes)
  }
}

/// Models that may stand in another one's place and take less.
enum LighterModels {
  /// Its own in fewer bits first, by the names that those have; then smaller ones with the same task and the same labels.
  static func of(_ name: String, fileBytes: Int, among known: [Hub.Entry]) -> [ServicePlan.Lighter] {
    let models = known.compactMap { try? $0.model.get() }
    let own = models.first { $0.name.hasSameBytes(as: name) }
    let reduced = models.filter { model in
      model.name.hasPrefix("\(name)-") && ["int8", "fp16", "quant"].contains { model.name.contains($0) }
    }
    let others = models.filter { model in
      guard let own, !model.name.hasSameBytes(as: name), !reduced.contains(where: { $0.name == model.name }) else {
        return false
      }
      return model.recipe.task == own.recipe.task && model.recipe.labels == own.recipe.labels && !model.labels.isEmpty
    }
    return [reduced, others].flatMap { group in
      group.compactMap { model -> ServicePlan.Lighter? in
        let sizes = model.manifest.files.compactMap(\.byteCount)
        let bytes = sizes.reduce(0, +)
        guard sizes.count == model.manifest.files.count, bytes < fileBytes else { return nil }
        let need = NetworkNeed(fileBytes: bytes)
        return ServicePlan.Lighter(model.name, bytes: need.bytes, loadingBytes: need.loadingBytes)
      }.sorted { $0.bytes > $1.bytes }
    }
  }
}
