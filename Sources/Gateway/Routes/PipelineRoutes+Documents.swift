internal import Access
internal import Base
internal import JSON
internal import Serving
internal import Streams
internal import Web

/// The files of pipelines, for those who administer a server.
extension PipelineRoutes {
  static func show(_ context: RequestContext, _ name: String) throws(Failure) -> Response {
    do throws(Fault) { return answer(name, try context.models.document(ofPipeline: name), 200) } catch {
      throw Failure(error)
    }
  }

  /// `body` is `{"document":"…"}`.
  static func put(_ context: RequestContext, _ body: Body, _ name: String) throws(Failure) -> Response {
    enum Key: String, CaseIterable { case document }
    do throws(Fault) {
      let document = try body.withBytes { (bytes) throws(Fault) in
        try JSONDocument(parsing: copy bytes, name: "the body").root.fields(Key.self).required(.document).string()
      }
      let isNew = try context.models.set(pipeline: name, to: document)
      context.gateway.streams.reload(pipeline: name)
      return answer(name, document, isNew ? 201 : 200)
    } catch { throw Failure(error) }
  }

  static func delete(_ context: RequestContext, _: Body, _ name: String) throws(Failure) -> Response {
    do throws(Fault) { try context.models.remove(pipeline: name) } catch { throw Failure(error) }
    context.gateway.streams.reload(pipeline: name)
    return Response(204)
  }

  private static func answer(_ name: String, _ document: String, _ status: Int) -> Response {
    .json(
      JSONWriter.object { json in
        json.field("name", name)
        json.field("document", document)
      }, status: status)
  }
}
