public import Base
public import Execution
public import Pipelines

/// What was drawn for streams, over the zones of their pipelines.
public protocol SceneSource: Sendable {
  /// `nil` where nothing was drawn; may wait for the disk.
  func scene(of stream: String, client: String) throws(Fault) -> Scene?
  /// Takes away all that was drawn for a stream, with its history; may wait for the disk.
  func forget(_ stream: String, client: String) throws(Fault)
}

extension StreamDesk {
  /// A pipeline that watches another scene; faults are `badInput`, and name what does not go together.
  public static func pipeline(_ loaded: LoadedPipeline, watching scene: Scene) throws(Fault) -> LoadedPipeline {
    var missing: String?
    guard let pipeline = loaded.pipeline.watching(scene, missing: &missing) else {
      throw Fault(
        .badInput,
        "a rule of the pipeline is about '\(missing ?? "")', which is not among these zones and lines: add it, or change the rule"
      )
    }
    guard scene.lines.isEmpty || pipeline.track != nil else {
      throw Fault(
        .badInput, "lines count objects that are followed, and this stream's pipeline has no track step: add one")
    }
    return try LoadedPipeline(pipeline, loaded: loaded.models, speech: loaded.speech)
  }

  /// As ``pipeline(_:watching:)``, where something was drawn for the stream.
  func drawn(_ loaded: LoadedPipeline, _ name: String, _ client: String) throws(Fault) -> LoadedPipeline {
    guard let scene = try scenes?.scene(of: name, client: client) else { return loaded }
    return try Self.pipeline(loaded, watching: scene).keepingPlain(loaded)
  }
}

extension LoadedPipeline {
  fileprivate func keepingPlain(_ other: LoadedPipeline) -> LoadedPipeline {
    pipeline == other.pipeline ? other : self
  }
}
