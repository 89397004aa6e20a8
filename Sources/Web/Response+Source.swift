extension Response {
  /// The answer to GET or HEAD for a small representation in memory: 304 without a body where the client has this one, else 200.
  public static func tagged(
    _ tag: EntityTag, _ bytes: [UInt8], _ type: String, headers: [(String, String)] = [], for request: Request
  ) -> Response {
    let headers = headers + [("ETag", tag.text)]
    if EntityTagList(request.headers("if-none-match"))?.means(tag) ?? false { return Response(304, headers: headers) }
    return Response(200, headers: headers + [("Content-Type", type)], body: bytes)
  }

  /// The answer to GET or HEAD for a file-like representation: 200, 206 for a range, 304, 412 or 416, decided from the request's
  /// `If-Match`, `If-None-Match`, `Range` and `If-Range` in the order of RFC 9110, 13.2.2.
  ///
  /// `headers` come with 200 and 206; `Accept-Ranges`, `Content-Range` and, where there is a tag, `ETag` are added. Failing answers
  /// have no body: give them one where clients are to read it.
  public static func serving(
    _ source: any BodySource, for request: Request, tag: EntityTag?, headers: [(String, String)] = []
  ) -> Response {
    let own = [("Accept-Ranges", "bytes")] + (tag.map { [("ETag", $0.text)] } ?? [])
    if let wanted = EntityTagList(request.headers("if-match")), !wanted.isSame(as: tag) {
      return Response(412, headers: own)
    }
    if let known = EntityTagList(request.headers("if-none-match")), known.means(tag) {
      return Response(304, headers: own + headers.filter { $0.0.lowercased() != "content-type" })
    }
    let count = source.byteCount
    switch request.range(of: count, tag: tag) {
    case .whole: return Response(200, headers: headers + own, source: source, range: 0..<count)
    case .part(let range):
      let place = ("Content-Range", ByteRange.contentRange(range, of: count))
      return Response(206, headers: headers + own + [place], source: source, range: range)
    case .unsatisfiable: return Response(416, headers: own + [("Content-Range", ByteRange.unsatisfied(of: count))])
    }
  }
}

extension Request {
  /// What of a representation of so many bytes is asked for; all of it where the method is not GET, or `If-Range` names another
  /// state of it than `tag`.
  ///
  /// Dates in `If-Range` name no state for certain, and so are never the one that is there.
  public func range(of byteCount: Int, tag: EntityTag?) -> ByteRange {
    guard method == "GET" else { return .whole }
    if let condition = header("if-range") {
      guard let tag, let named = EntityTag(header: condition[...].trimmed), named.isSame(as: tag) else { return .whole }
    }
    let ranges = headers("range")
    return ranges.count == 1 ? ByteRange(ranges[0], byteCount: byteCount) : .whole
  }
}
