import Base
import Catalog
import Inference
import Loading
import ModelHub
import Registry

/// A model that a command names: `NAME@VERSION` of a registry, or a name or file as every command takes it.
struct NamedModel {
  static let positional = Positional(
    name: "model",
    help:
      "NAME@VERSION of the library's registry, VERSION being a number, an alias or the beginning of a digest; or a model of 'ridley model list', or any network file"
  )

  let model: Model
  /// Where it is a version of a registry.
  let version: RegisteredVersion?

  /// As reports name it.
  var name: String { version.map { "\($0.model)@\($0.number)" } ?? model.name }

  /// Of a registry's version the folder is laid out in `scratch`, and needed as long as the model is.
  ///
  /// With `--library`, a name without a version that the registry has is its `live`.
  static func find(
    _ word: String, _ overrides: RecipeOverrides, _ arguments: Arguments, in scratch: String, on engine: Engine
  ) throws(Fault) -> NamedModel {
    let resolver = ModelOptions.resolver(arguments, on: engine)
    guard let version = try version(word, arguments) else {
      return NamedModel(model: try resolver.find(word, overrides), version: nil)
    }
    let folder = "\(scratch)/\(version.version.digest.dropFirst(7).prefix(16))/\(version.version.model)"
    try version.registry.lay(version.version, into: folder)
    return NamedModel(model: try resolver.find(folder, overrides), version: version.version)
  }

  /// `nil` where the word names no version of a registry.
  static func version(
    _ word: String, _ arguments: Arguments
  ) throws(Fault) -> (version: RegisteredVersion, registry: ModelRegistry)? {
    guard FileSystem.kind(of: word) == nil else { return nil }
    let parts = word.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 || arguments["library"] != nil else { return nil }
    let registry = try RegistryWords.registry(arguments)
    if parts.count == 2 { return (try registry.find(parts[1], of: parts[0]), registry) }
    guard try !registry.versions(of: word).isEmpty else { return nil }
    return (try registry.find("live", of: word), registry)
  }
}
