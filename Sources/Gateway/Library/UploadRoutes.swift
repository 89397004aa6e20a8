internal import Access
internal import Base
internal import Catalog
internal import Library
internal import Uploads
internal import Web

/// Films and pictures come in: by the tus protocol, which goes on after a break, and as the body of one PUT.
enum UploadRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Library",
    routes: [
      Route(
        .options, "/v1/uploads", for: nil,
        Operation("discoverUploads", "What uploads by tus 1.0 may be", done(204)), answer: discover),
      Route(
        .options, "/v1/uploads/{upload}", upload, for: nil,
        Operation("discoverUpload", "The same of one upload", done(204), failures: [.notFound]),
        answer: { (context, _) in discover(context) }),
      Route(
        .post, "/v1/uploads", for: .upload,
        Operation(
          "createUpload", "Begins an upload by tus 1.0; its first bytes may come at once", done(201),
          failures: failures),
        stream: { (context) throws(Failure) in try begin(context) }),
      Route(
        .head, "/v1/uploads/{upload}", upload, for: .upload,
        Operation("lookUpload", "How far an upload has come", done(200), failures: failures),
        stream: { (context, id) throws(Failure) in try go(on: id, context) }),
      Route(
        .patch, "/v1/uploads/{upload}", upload, for: .upload,
        Operation(
          "continueUpload", "Brings bytes; with the last of them it becomes an asset", done(204),
          failures: failures),
        stream: { (context, id) throws(Failure) in try go(on: id, context) }),
      Route(
        .post, "/v1/uploads/{upload}", upload, for: .upload,
        Operation(
          "postUpload", "For clients that only GET and POST: the method is in X-HTTP-Method-Override", done(204),
          failures: failures),
        stream: { (context, id) throws(Failure) in try go(on: id, context) }),
      Route(
        .delete, "/v1/uploads/{upload}", upload, for: .upload,
        Operation("endUpload", "Ends an upload; nothing of it stays", done(204), failures: failures),
        stream: { (context, id) throws(Failure) in try go(on: id, context) }),
      Route(
        .put, "/v1/files/{name}", name, for: .upload,
        Operation(
          "putFile", "A whole picture or film at once; Content-Digest may say its SHA-256",
          answer(json(schema("Asset")), "It was there already.")
            + [("201", ["description": "Added.", "content": json(schema("Asset"))])],
          parameters: [
            LibraryQuery.client.documentation, LibraryQuery.brand.documentation, LibraryQuery.campaign.documentation,
            LibraryQuery.tags.documentation, captured.documentation,
          ], failures: [.notFound, .tooLarge, .noRoom]),
        stream: { (context, name) throws(Failure) in try put(name, context) }),
    ], schemas: [:])

  private static let upload = PathParameter(
    "upload", component: "UploadID", "An upload's id.",
    schema: ["type": "string", "pattern": .text(ULID.pattern)]
  ) { ULID($0)?.text }
  private static let name = PathParameter("name", component: "FileName", "What the file is called.", pattern: "^[^/]+$")
  /// What the protocol answers when something is amiss (tus 1.0).
  private static let failures: [FailureStatus] = [
    .denied, .notFound, .conflict, .gone, .changed, .tooLarge, .mediaType, .locked, .wrongDigest, .noRoom,
  ]
  private static let captured = LibraryQuery.moment(
    "captured", component: "Captured", "When the picture was taken.")

  private static func discover(_ context: RequestContext) -> Response {
    Library.uploadRules.discovery.response(context.request)
  }

  private static func begin(_ context: RequestContext) throws(Failure) -> BodyStream {
    BodyStream(sink: UploadSink(context, try context.libraryDesk(), place: .collection, id: ""))
  }

  private static func go(on id: String, _ context: RequestContext) throws(Failure) -> BodyStream {
    BodyStream(sink: UploadSink(context, try context.libraryDesk(), place: .upload, id: id))
  }

  private static func put(_ name: String, _ context: RequestContext) throws(Failure) -> BodyStream {
    let query = try context.query()
    let scope = context.libraryScope
    let client = try query(LibraryQuery.client) ?? context.caller.client
    var draft = AssetDraft(
      group: .init(
        client: client, brand: try query(LibraryQuery.brand), campaign: try query(LibraryQuery.campaign)),
      name: name)
    (draft.tags, draft.captured) = (try query(LibraryQuery.tags) ?? [], try query(captured))
    return BodyStream(sink: FileSinkOfLibrary(context, try context.libraryDesk(), draft, scope: scope))
  }
}

extension Response {
  /// tus asks for its version in every answer, also where the server refuses before the protocol is asked.
  func speakingTus(to path: String) -> Response {
    guard path == "/v1/uploads" || path.hasPrefix("/v1/uploads/"),
      !headers.contains(where: { $0.0.lowercased() == "tus-resumable" })
    else { return self }
    var response = self
    response.headers.append(("Tus-Resumable", UploadRules.version))
    return response
  }
}

extension UploadAnswer {
  func response(_ request: Request) -> Response {
    var headers = fields.map { ($0.name, $0.value) }
    guard let message else { return Response(status, headers: headers) }
    headers.append(("Content-Type", "application/json"))
    let kind: Fault.Kind =
      switch status {
      case 404, 410: .notFound
      case 403: .denied
      case 413: .tooLarge
      case 422: .unsupported
      case 500: .bug
      case 507: .exhausted
      case 423, 503: .unavailable
      default: .badInput
      }
    return Response(status, headers: headers, body: FaultEnvelope.json(Fault(kind, message), request: request.id))
  }
}
