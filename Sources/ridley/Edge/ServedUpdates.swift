import Base
import Catalog
import Edge
import Glibc
import Items
import Library
import Objects
import Pipelines
import Registry
import Rollouts
import Serving
import Streams
import Updates

/// A server as the updates of its node see it.
final class ServedUpdates: UpdatePlace {
  private let library: Library
  private let folder: RegistryFolder?
  private let models: ModelRepository
  private let streams: StreamDesk
  /// What is held for an update that is not placed yet.
  private let held = Monitor<[String: any ObjectLease]>([:])
  private let wantsAgain = Monitor(false)

  /// `folder` is `nil` where no registry is served.
  init(_ library: Library, _ folder: RegistryFolder?, _ models: ModelRepository, _ streams: StreamDesk) {
    (self.library, self.folder, self.models, self.streams) = (library, folder, models, streams)
  }

  private var registry: ModelRegistry { ModelRegistry(library) }
  private static let author = "an update of the centre"

  func makeRoom(for byteCount: Int) {
    guard byteCount > 0, let whole = try? FileSystem.wholeByteCount(in: library.path) else { return }
    // They are fetched, and then laid into the library, which leaves some of the disk free itself.
    streams.archive?.makeRoom(2 * byteCount + BundleStore.reserve + min(256 << 20, whole / 16))
  }

  func holds(_ blob: Bundle.Blob) throws(Fault) -> Bool {
    guard let name = ObjectName(blob.sha256), let lease = try library.objects.lease(name) else { return false }
    held.update { $0[blob.sha256] = lease }
    return true
  }

  func aliases(of bundle: Bundle) throws(Fault) -> [UpdateState.AliasPlace] {
    try bundle.models.map { (model) throws(Fault) in
      let version = try registry.alias(model.alias, of: model.name)?.to
      return UpdateState.AliasPlace(model: model.name, alias: model.alias, version: version)
    }
  }

  func place(_ bundle: Bundle, path: (Bundle.Blob) -> String) throws(Fault) {
    for model in bundle.models {
      var foreign = ModelRegistry.ForeignVersion(
        model: model.name, digest: model.digest, task: model.task, manifest: model.manifest.sha256,
        files: model.files.map { .init(path: $0.path, object: $0.blob.sha256, byteCount: $0.blob.byteCount) })
      foreign.examples = model.examples.map { ($0.inputs.sha256, $0.answers.sha256, $0.count, $0.computation) }
      let blobs = Dictionary(bundle.blobs.map { ($0.sha256, $0) }) { first, _ in first }
      let version = try registry.take(
        foreign, path: { digest in blobs[digest].map(path) ?? "" }, by: Self.author)
      _ = try registry.move(
        model.alias, of: model.name, to: version.number, by: Self.author, reason: "update \(bundle.version)")
    }
    held.update { $0 = [:] }
  }

  func restore(_ aliases: [UpdateState.AliasPlace]) throws(Fault) {
    for place in aliases {
      if try registry.alias(place.alias, of: place.model)?.to == place.version { continue }
      do throws(Fault) {
        _ = try registry.move(
          place.alias, of: place.model, to: place.version, by: Self.author, reason: "the update was left")
      } catch {
        // What somebody removed never comes back, and is not to keep newer updates away for ever.
        guard error.kind == .notFound else { throw error }
        Terminal.complain(of: error.at("'\(place.model)@\(place.alias)' stays where the update put it"))
      }
    }
    held.update { $0 = [:] }
  }

  func settled(_ bundle: Bundle, before: [UpdateState.AliasPlace]) {
    for model in bundle.models {
      guard let aliases = try? registry.aliases(of: model.name), let versions = try? registry.versions(of: model.name)
      else { continue }
      let old = before.filter { $0.model.hasSameBytes(as: model.name) }.compactMap(\.version)
      let kept = Set(aliases.compactMap(\.to) + old)
      // What people published on this node is theirs.
      for version in versions where !kept.contains(version.number) && version.by.hasSameBytes(as: Self.author) {
        _ = try? registry.remove(version, by: Self.author, lettingGoOfHistory: true)
      }
    }
  }

  func reloadPipelines() {
    for view in streams.list(scope: .all) {
      if let pipeline = view.draft.pipeline { streams.reload(pipeline: pipeline) }
    }
  }

  func health(of bundle: Bundle, with pipelines: [String]) -> NodeHealth {
    for model in bundle.models {
      let move = try? registry.alias(model.alias, of: model.name)
      let number = move?.to
      guard let folder, let number else { return .waiting("\(model.name) is not there yet") }
      switch folder.standing(model.name, number) {
      case .ready: continue
      case .waiting: return .waiting("\(model.name) is being loaded")
      case .refused(let why): return .bad("\(model.name) does not load here: \(why)")
      case .wrong(let why): return .bad("\(model.name) answers otherwise than it was recorded: \(why)")
      }
    }
    guard models.isSettled else { return .waiting("models are being loaded") }
    for pipeline in bundle.pipelines ?? [] {
      do throws(Fault) { _ = try models.pipeline(named: pipeline.name) } catch {
        return isComing(for: pipeline) ? .waiting(error.message) : .bad(error.message)
      }
    }
    if let new = bundle.pipelines, let orphan = orphan(of: pipelines, new) { return .bad(orphan) }
    for name in bundle.pipelines == nil ? pipelines : [] {
      do throws(Fault) { _ = try models.pipeline(named: name) } catch {
        // What is not there any more, somebody took away.
        guard error.kind == .notFound else { return .waiting(error.message) }
      }
    }
    return .well
  }

  /// A stream that was looked at before by a pipeline which is not among the new ones.
  private func orphan(of before: [String], _ new: [Bundle.Pipeline]) -> String? {
    for view in streams.list(scope: .all) {
      guard let name = view.draft.pipeline, before.contains(where: { $0.hasSameBytes(as: name) }),
        !new.contains(where: { $0.name.hasSameBytes(as: name) })
      else { continue }
      return
        "the stream '\(view.name)' is looked at by the pipeline '\(name)', which is not among those that come: send it with them"
    }
    return nil
  }

  /// A model of the pipeline is on its way: it is being loaded, or stands in the registry and is not here yet, whichever update brought it.
  private func isComing(for pipeline: Bundle.Pipeline) -> Bool {
    guard let file = try? PipelineFile.read(bytes: Array(pipeline.text.utf8), name: pipeline.name) else { return false }
    let here = models.list()
    return file.pipeline.models.contains { name in
      guard let known = here.first(where: { $0.model.hasSameBytes(as: name) }), !known.versions.isEmpty else {
        return !((try? registry.versions(of: name)) ?? []).isEmpty
      }
      return known.versions.contains { if case .loading = $0.state { true } else { false } }
    }
  }

  func baseline() -> NodeBaseline {
    let now = Clock.now
    let streams = streams.list(scope: .all).filter { $0.figures.hasPictures(within: 60, now: now) }
    let pipelines = models.pipelineNames.filter { (try? models.pipeline(named: $0)) != nil }
    return NodeBaseline(
      streams: streams.map { NodeBaseline.Stream(client: $0.client, name: $0.name) }, pipelines: pipelines)
  }

  func pictures() -> [StreamPictures] {
    streams.list(scope: .all).map { view in
      StreamPictures(
        NodeBaseline.Stream(client: view.client, name: view.name), count: view.figures.received,
        isLive: view.figures.state == .live, hasEnded: view.figures.state == .ended)
    }
  }

  func takeTally() -> VersionTally {
    var tally = VersionTally()
    for entry in models.list() {
      for version in entry.versions {
        if case .ready(let served) = version.state { tally.merge(served.metrics.takeTold()) }
      }
    }
    return tally
  }

  /// A node that nothing starts again goes on with the program that it has.
  func runs(_ program: String?) -> Bool { !NodeLaunch.isStartedAgain || NodeLaunch.runs(program) }

  /// The server is to be started again, with another program.
  var isToStartAgain: Bool { wantsAgain.update { $0 } }

  func startAgain() throws(Fault) {
    try NodeLaunch.checkStart()
    let isFirst = wantsAgain.update { wants in
      defer { wants = true }
      return !wants
    }
    guard isFirst else { return }
    Terminal.complain("ridley: another program takes over: this one ends in good order\n")
    kill(getpid(), SIGTERM)
  }
}
