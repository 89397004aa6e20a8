internal import Dashboard
internal import Web

/// What a browser or a program reads about the server itself.
extension Gateway {
  /// A file of the dashboard; one that the browser has already is not sent again.
  func page(_ path: String, _ request: Request) throws(Failure) -> Response {
    guard let file = Dashboard.file(path) else { throw .notFound("there is no file \(path) in the dashboard") }
    let headers = Dashboard.headers + [("ETag", file.tag)]
    let known = request.headers("if-none-match").joined(separator: ",").split { $0 == "," || $0 == " " }
    if known.contains(where: { $0 == file.tag || $0 == "W/\(file.tag)" || $0 == "*" }) {
      return Response(304, headers: headers)
    }
    return Response(200, headers: headers + [("Content-Type", file.contentType)], body: file.bytes)
  }
}
