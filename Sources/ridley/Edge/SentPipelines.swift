import Base
import Catalog
import Execution
import Inference
import Items
import Loading
import Pipelines
import Updates

/// Pipelines that are sent to nodes: what `ridley pipeline check` refuses is refused here, in the same words.
enum SentPipelines {
  /// Those of a folder, or one file, by their names.
  ///
  /// Models of the library's registry, whose names are `registered`, are the nodes' to find: pipelines that name them are read and not held against
  /// them.
  static func read(_ path: String, registered: [String]) throws(Fault) -> [Bundle.Pipeline] {
    var files = [path]
    switch FileSystem.kind(of: path) {
    case .folder:
      files = try FileSystem.list(path).filter { $0.hasSuffix(".yaml") }.map { "\(path)/\($0)" }
      guard !files.isEmpty else {
        throw Fault(
          .badInput,
          "\(path) holds no pipeline NAME.yaml: nodes would be left with none, and their streams looked at by nothing")
      }
    case nil: throw Fault(.notFound, "there is no file or folder \(path)")
    default: break
    }
    return try files.map { (file) throws(Fault) in
      let name = FileSystem.name(of: file)
      guard name.hasSuffix(".yaml"), PlainName.isValid(String(name.dropLast(5))) else {
        throw Fault(.badInput, "\(file) is no file of a pipeline, expected NAME.yaml")
      }
      let bytes = try FileSystem.read(file, limit: 1 << 20)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw Fault(.badInput, "\(file) is not text in UTF-8")
      }
      try check(file, registered: registered)
      return Bundle.Pipeline(String(name.dropLast(5)), text)
    }
  }

  private static func check(_ file: String, registered: [String]) throws(Fault) {
    let resolver = try PipelineResolver(file, models: nil, cache: EngineCache.standard.folder) {
      () throws(Fault) -> Engine in
      throw Fault(
        .unsupported, "nodes have models by name, and no files of networks: publish it with 'ridley model publish'")
    }
    let pipeline = resolver.file.pipeline
    let names = pipeline.infer.map(\.model) + [pipeline.insights.breaks?.speech].compactMap(\.self)
    guard !names.contains(where: { name in registered.contains { $0.hasSameBytes(as: name) } }) else { return }
    _ = try resolver.find(mustBeHere: false)
  }
}
