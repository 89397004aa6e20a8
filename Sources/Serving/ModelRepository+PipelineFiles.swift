public import Base
internal import ModelHub
internal import Pipelines

/// The files of the folder of pipelines, as they are read, written and taken away over HTTP.
extension ModelRepository {
  /// The text of a pipeline's file.
  ///
  /// - Throws: `notFound` where there is no such file; built-in pipelines have none.
  public func document(ofPipeline name: String) throws(Fault) -> String {
    let path = try file(ofPipeline: name)
    guard FileSystem.kind(of: path) == .file else {
      throw Fault(.notFound, "there is no file of a pipeline '\(name)'")
    }
    do throws(Fault) { return String(decoding: try FileSystem.read(path, limit: 1 << 20), as: UTF8.self) } catch {
      throw toldToClients(error)
    }
  }

  /// Writes a pipeline's file, where it is not the same already; whether there was none.
  ///
  /// - Throws: everything that is wrong with it, or does not fit the models that are served; then the file is as it was.
  public func set(pipeline name: String, to document: String) throws(Fault) -> Bool {
    let path = try file(ofPipeline: name)
    let bytes = Array(document.utf8)
    let pipeline = try PipelineFile.read(bytes: bytes, name: name)
    guard pipeline.pipeline.insights.products == nil else {
      throw Fault(
        .unsupported,
        "a pipeline that looks for products names a folder of the server's machine: write its file into the folder of pipelines there"
      )
    }
    do throws(Fault) {
      _ = try makePipeline(pipeline, "") { (model) throws(Fault) in try find(model) }
    } catch { throw toldToClients(error) }
    return try changing.update { (_) throws(Fault) in
      let isNew = FileSystem.kind(of: path) == nil
      let old = isNew ? nil : try? FileSystem.read(path, limit: 1 << 20)
      guard old != bytes else { return false }
      do throws(Fault) { try FileSystem.write(bytes, to: path, isDurable: true) } catch { throw toldToClients(error) }
      return isNew
    }
  }

  /// Takes a pipeline's file away; streams that use it say so.
  ///
  /// - Throws: `notFound` where there is no such file.
  public func remove(pipeline name: String) throws(Fault) {
    let path = try file(ofPipeline: name)
    try changing.update { (_) throws(Fault) in
      guard FileSystem.kind(of: path) == .file else {
        throw Fault(.notFound, "there is no file of a pipeline '\(name)'")
      }
      do throws(Fault) { try FileSystem.remove(path) } catch { throw toldToClients(error) }
    }
  }

  private func file(ofPipeline name: String) throws(Fault) -> String {
    guard NameGrammar.isName(name) else {
      throw Fault(.badInput, "'\(name.prefix(100))' is no name for a pipeline: letters, digits, '-', '_' and '.'")
    }
    guard let folder = options.pipelines else {
      throw Fault(
        .unsupported, "this server has no folder of pipelines: start it with --pipelines DIR")
    }
    return "\(folder)/\(name).yaml"
  }
}
