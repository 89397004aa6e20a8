import Base
import Catalog
import Execution
import Inference
import Library
import Loading
import ModelHub
import Pipelines
import Registry

/// The models that a pinned pipeline names, by their bytes: from where models are looked for on this machine, else from the library's registry.
struct PinnedModels {
  let registry: ModelRegistry
  /// A folder that is looked through first.
  let models: String?
  let engine: () throws(Fault) -> Engine

  /// Versions of a model that stay laid out on this machine, those that were laid last.
  private static let mostLaid = 4

  struct Found {
    let pipeline: Pipeline
    let models: [Model]

    var published: [String] { models.map { "\($0.name)@\($0.published ?? $0.digest)" } }
    var pinned: [String] { models.map { "\($0.name)@\($0.digest)" } }

    func digest() throws(Fault) -> String { try pipeline.digest(models: models.map(\.digest)) }
  }

  /// Exactly what is pinned, wherever it stands.
  ///
  /// - Throws: what is wrong with what stands here, where the registry has none of it either.
  func find(_ pinned: Job.Pinned) throws(Fault) -> Found {
    var trouble: Fault?
    do throws(Fault) {
      let here = try find(pinned, in: [:])
      if try here.digest() == pinned.digest { return here }
    } catch { trouble = error }
    let folders = try self.folders(of: pinned.published)
    if let trouble, folders.isEmpty { throw trouble }
    return try find(pinned, in: folders)
  }

  /// The same pipeline with other versions of its models in it, each by name and digest; all else is as it is pinned.
  func find(_ pinned: Job.Pinned, with versions: [String: String]) throws(Fault) -> Found {
    let wanted = pinned.published.map { entry in
      let name = Self.split(entry).name
      return versions[name].map { "\(name)@\($0)" } ?? entry
    }
    let found = try find(pinned, in: try folders(of: wanted))
    // What hears speech may stand behind them.
    guard found.published.starts(with: wanted) else {
      throw Fault(
        .unavailable,
        "the pipeline '\(pinned.series)' would be of \(found.published.joined(separator: ", ")) here, and is to be of \(wanted.joined(separator: ", "))"
      )
    }
    return found
  }

  private func find(_ pinned: Job.Pinned, in folders: [String: String]) throws(Fault) -> Found {
    let resolver = try PipelineResolver(
      text: pinned.text, name: "\(pinned.folder)/\(pinned.series).yaml", models: models, folders: folders,
      cache: EngineCache.standard.folder, engine: engine)
    return Found(pipeline: resolver.file.pipeline, models: try resolver.find(mustBeHere: true))
  }

  private static func split(_ entry: String) -> (name: String, digest: String) {
    let parts = entry.split(separator: "@", maxSplits: 1).map(String.init)
    return (parts[0], parts.count > 1 ? parts[1] : "")
  }

  /// Folders with the versions of the registry among these, by the names of their models.
  private func folders(of published: [String]) throws(Fault) -> [String: String] {
    var folders: [String: String] = [:]
    for entry in Set(published) {
      let (name, digest) = Self.split(entry)
      guard let version = try registry.versions(of: name).first(where: { $0.digest == digest }) else { continue }
      folders[name] = try lay(version)
    }
    return folders
  }

  /// Lays a version out where all workers of this machine find it.
  private func lay(_ version: RegisteredVersion) throws(Fault) -> String {
    guard let root = EngineCache.standard.versions else {
      throw Fault(.unavailable, "there is no folder to keep versions of models in: set RIDLEY_CACHE")
    }
    let (place, name) = ("\(root)/\(version.model)", String(version.digest.dropFirst("sha256:".utf8.count)))
    let folder = "\(place)/\(name)"
    guard !FileSystem.isThere("\(folder)/\(Manifest.fileName)") else { return folder }
    try FileSystem.makeFolder(place)
    do throws(Fault) { try registry.lay(version, into: folder) } catch {
      // Another worker was quicker.
      guard FileSystem.isThere("\(folder)/\(Manifest.fileName)") else { throw error }
    }
    // What is being laid has a point in front; what was left of it goes after an hour.
    let laid = try FileSystem.list(place).map { (name: $0, age: FileSystem.stamp(of: "\(place)/\($0)")?.age ?? 0) }
    let whole = laid.filter { !$0.name.hasPrefix(".") }.sorted { $0.age < $1.age }
    for old in whole.dropFirst(Self.mostLaid) + laid.filter({ $0.name.hasPrefix(".") && $0.age > 3600 }) {
      FileSystem.removeTree("\(place)/\(old.name)")
    }
    return folder
  }
}
