public import Base
public import Vision

/// What a folder's `model.yaml` says about one model: where its files come from, and how they are used.
///
/// What the network file says itself (shapes, types, names) is not repeated here.
public struct Manifest: Sendable, Hashable {
  /// One file that belongs to the model.
  public struct File: Sendable, Hashable {
    /// Relative to the model's folder; never absolute, never upwards.
    public var path: String
    /// Where it can be fetched from; `nil` for a file that comes with the manifest.
    public var url: String?
    /// 64 hexadecimal digits in lower case; `nil` where the manifest leaves it to the file that stands there.
    public var sha256: String?
    public var byteCount: Int?
  }

  /// The words for the classes.
  public enum Labels: Sendable, Hashable {
    case list([String])
    /// A text file, one label a line, listed in `files` or standing beside the manifest.
    case file(String)
  }

  public var name: String
  public var summary: String
  public var license: String
  /// A page that tells more.
  public var source: String?
  /// The command that makes the files that have no address, as `tools/network silero-vad`; see ``Model/command(pulling:)``.
  public var make: String?
  public var files: [File]
  /// The file, or the folder of a SavedModel, that the engine opens; relative to the model's folder.
  public var network: String
  /// The arithmetic that the engine is asked for.
  public var precision: Precision
  /// Who is to run it.
  public var engine = EngineChoice.auto
  public var labels: Labels
  /// How it takes words; `nil` for a network of pictures or of tensors.
  public var words: TextRecipe?
  /// Labels are filled in when they stand in the manifest; ``Model/recipe`` has those of a file too.
  public var recipe: Recipe

  /// The name of a manifest in its folder.
  public static let fileName = "model.yaml"

  /// Reads a manifest, or the manifest of a folder.
  ///
  /// Faults carry file, line and column, and what was expected.
  public static func read(_ path: String) throws(Fault) -> Manifest {
    let file = FileSystem.kind(of: path) == .folder ? "\(path)/\(fileName)" : path
    return try read(bytes: try FileSystem.read(file, limit: 1 << 20), name: file)
  }

  public static func read(bytes: [UInt8], name: String = fileName) throws(Fault) -> Manifest {
    try ManifestReader(bytes, name: name).manifest()
  }
}
