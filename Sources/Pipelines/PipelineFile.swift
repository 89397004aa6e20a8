public import Base
internal import YAML

/// A pipeline as it stood in a document, with the places of its parts for what is found out later.
public struct PipelineFile: Sendable {
  /// The document's name, in front of every fault.
  public let name: String
  /// In its normal form.
  public let pipeline: Pipeline
  let places: [Part: YAMLPlace]

  /// A part of a pipeline that another room may have something to say about.
  enum Part: Sendable, Hashable {
    case model(Int)
    case on(Int)
    case label(Int)
    case every(Int)
    case of(Int)
    case track
    case smooth(Int)
    case emitLabels
    case zone(String)
    case line(String)
    case rule(String)
    case size
    case shots
    case breaks
    case content
    case safety
    case products
    case attention
    case memorability
  }

  /// Reads a pipeline as a whole.
  ///
  /// One fault tells everything that is wrong with it, each with file, line, column, and what was expected.
  public static func read(bytes: [UInt8], name: String) throws(Fault) -> PipelineFile {
    try read(bytes, by: PipelineReader(document: name))
  }

  private static func read(_ bytes: [UInt8], by reader: PipelineReader) throws(Fault) -> PipelineFile {
    var reader = reader
    return try reader.read(YAMLDocument.parse(bytes, name: reader.document).value("the pipeline"))
  }

  /// A file; or, where there is none, one of ``BuiltInPipelines``.
  public static func read(_ path: String) throws(Fault) -> PipelineFile {
    if let known = BuiltInPipelines.named(path), FileSystem.kind(of: path) == nil {
      return try read(Array(known.utf8), by: PipelineReader(document: path, folder: ""))
    }
    do {
      let bytes = try FileSystem.read(path, limit: 1 << 20)
      return try read(bytes, by: PipelineReader(document: path, folder: FileSystem.folder(of: path)))
    } catch {
      let hint = Suggestion.hint(for: path, among: BuiltInPipelines.all.map(\.name))
      guard error.kind == .notFound, !path.contains("/"), !path.contains(".") else { throw error }
      throw Fault(
        .notFound,
        "there is no file '\(path)', and no built-in pipeline of this name\(hint): see 'ridley pipeline list'")
    }
  }

  /// A fault about the model of one network, with the place where it is named.
  public func fault(model step: Int, _ fault: Fault) -> Fault {
    guard let place = places[.model(step)] else { return fault }
    // A command line cannot be wrong here: what it would settle belongs into a manifest.
    guard fault.kind == .usage else { return fault.at("\(name):\(place.line):\(place.column)") }
    let advice = "a network that needs options is given a model.yaml first (docs/manifest.md)"
    return Fault(
      .badInput, "\(name):\(place.line):\(place.column): \(fault.message); in a pipeline, \(advice)", cause: fault.cause
    )
  }
}
