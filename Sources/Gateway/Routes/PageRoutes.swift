internal import Base
internal import Dashboard
internal import Web

/// The dashboard's page and files, for browsers.
enum PageRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: ServerRoutes.tag,
    routes: [
      Route(
        .get, "/", for: nil,
        Operation(
          "dashboard", "The dashboard", answer(["text/html": ["schema": string]], "A page for a browser.") + same),
        answer: { (context) throws(Failure) in try send("/", context.request) }),
      Route(
        .get, "/assets/{file}", file, for: nil,
        Operation("asset", "Files of the dashboard", answer(fileTypes, "A file.") + same, failures: [.notFound]),
        answer: { (context, file) throws(Failure) in try send("/assets/\(file)", context.request) }),
    ], schemas: [:])

  private static let file = PathParameter(
    "file", component: "File", "A file's name.", pattern: "^[a-z]+\\.(js|css|svg)$")
  private static let fileTypes = Document.object(
    ["text/javascript", "text/css", "image/svg+xml"].map { ($0, ["schema": string]) })
  private static let same: [(String, Document)] = [
    ("304", ["description": "It is still what If-None-Match names."])
  ]

  /// A file of the dashboard; one that the browser has already is not sent again.
  private static func send(_ path: String, _ request: Request) throws(Failure) -> Response {
    guard let file = Dashboard.file(path) else { throw .notFound("there is no file \(path) in the dashboard") }
    return .tagged(EntityTag(file.tag), file.bytes, file.contentType, headers: Dashboard.headers, for: request)
  }
}
