internal import Access
internal import Base
internal import Streams
internal import Web

/// The picture of live streams, as their sources send it: for browsers, and for players that ask for a film in parts.
enum ViewRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Streams",
    routes: [
      Route(
        .get, "/v1/streams/{stream}/view.mp4", StreamRoutes.stream, .read, nil,
        Operation(
          "viewStream",
          "The picture as the source sends it, as fragmented MP4 that does not end; `Content-Type` names the codec. A client that does not keep up is let go",
          answer(["video/mp4": ["schema": bytes]]), parameters: [LibraryQuery.client.documentation],
          failures: [.notFound, .unavailable]),
        handler: { (context, name) throws(Failure) in
          context.body(.small, BodyWork { (_, exchange) throws(Failure) in try look(context, exchange, name) })
        }),
      Route(
        .get, "/v1/streams/{stream}/view.m3u8", StreamRoutes.stream, for: .read,
        Operation(
          "listStreamParts", "The latest seconds of the picture, as an HLS playlist for players",
          answer(["application/vnd.apple.mpegurl": ["schema": string]]),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound, .unavailable]), answer: playlist),
      Route(
        .get, "/v1/streams/{stream}/view/{part}", StreamRoutes.stream, part, for: .read,
        Operation(
          "streamPart", "A part of the picture that the playlist names", answer(["video/mp4": ["schema": bytes]]),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: sendPart),
      Route(
        .get, "/v1/streams/{stream}/still.jpg", StreamRoutes.stream, for: .read,
        Operation(
          "streamStill",
          "A small picture of what was decoded last, at most five new ones a second; made while it is asked for",
          answer(["image/jpeg": ["schema": bytes]]), parameters: [LibraryQuery.client.documentation],
          failures: [.notFound, .unavailable]), answer: still),
    ], schemas: [:])

  private static let part = PathParameter(
    "part", component: "StreamPart", "A part, as the playlist names it.",
    pattern: "^[0-9]{1,9}-[0-9]{1,18}\\.(mp4|m4s)$")
  private static let bytes: Document = ["type": "string", "format": "binary"]

  /// Bytes beyond the beginning that may wait for a viewer: some seconds of a camera.
  private static let patience = 4 << 20
  /// Nanoseconds between two looks at whether a viewer may still look.
  private static let keyInterval: UInt64 = 2_000_000_000
  private static let fresh = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]

  private static func picture(_ context: RequestContext, _ name: String) throws(Failure) -> StreamView {
    let client = try StreamRoutes.client(context)
    do throws(Fault) {
      return try context.gateway.streams.picture(name, scope: context.libraryScope, client: client)
    } catch { throw Failure(error) }
  }

  private static func look(_ context: RequestContext, _ exchange: Exchange, _ name: String) throws(Failure) {
    let view = try picture(context, name)
    let (keys, caller, asked) = (context.gateway.keys, context.caller, Monitor(Clock.now))
    // A key may be taken back while its picture goes on.
    let isLetIn: @Sendable () -> Bool = {
      let isDue = asked.update { at in
        guard Clock.now > at + keyInterval else { return false }
        at = Clock.now
        return true
      }
      return !isDue || keys?.lets(caller, for: .read, at: Clock.date) ?? true
    }
    do throws(Fault) {
      try view.look { beginning in
        let headers = [("Content-Type", "video/mp4; codecs=\"\(beginning.codecs)\"")] + fresh
        let answers = exchange.stream(Response(200, headers: headers, body: beginning.bytes))
        let most = beginning.bytes.count + patience
        let viewer = StreamView.Viewer {
          isLetIn() && answers.push($0, most: most)
        } isThere: {
          !answers.isGone
        } end: { isWhole in
          if isWhole { answers.end() }
        }
        return (viewer, ())
      }
    } catch { throw Failure(error) }
  }

  private static func playlist(_ context: RequestContext, _ name: String) throws(Failure) -> Response {
    guard let (film, parts) = try picture(context, name).parts(), let first = parts.first else {
      throw Failure(
        Fault(.unavailable, "there is no whole part of this stream's picture yet: ask again in some seconds"))
    }
    let query = context.request.query.map { "?\($0)" } ?? ""
    let longest = parts.map(\.seconds).max() ?? 1
    var lines = [
      "#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:\(Int(longest.rounded(.up)))",
      "#EXT-X-MEDIA-SEQUENCE:\(first.number)", "#EXT-X-DISCONTINUITY-SEQUENCE:\(film)",
      "#EXT-X-MAP:URI=\"view/\(film)-0.mp4\(query)\"",
    ]
    for part in parts {
      lines += ["#EXTINF:\(NumberFormat.fixed(part.seconds, 5)),", "view/\(film)-\(part.number).m4s\(query)"]
    }
    return Response(
      200, headers: [("Content-Type", "application/vnd.apple.mpegurl")] + fresh,
      body: Array((lines.joined(separator: "\n") + "\n").utf8))
  }

  private static func sendPart(_ context: RequestContext, _ name: String, _ part: String) throws(Failure) -> Response {
    let view = try picture(context, name)
    let numbers = part.prefix { $0 != "." }.split(separator: "-").compactMap { Int($0) }
    guard numbers.count == 2, part == "\(numbers[0])-\(numbers[1]).\(numbers[1] == 0 ? "mp4" : "m4s")",
      let bytes = view.part(numbers[1], ofFilm: numbers[0])
    else {
      throw Failure.notFound("this part of the stream's picture is gone, or was never there: read the playlist again")
    }
    return Response(200, headers: [("Content-Type", "video/mp4")] + fresh, body: bytes)
  }

  private static func still(_ context: RequestContext, _ name: String) throws(Failure) -> Response {
    guard let still = try picture(context, name).still() else {
      throw Failure(Fault(.unavailable, "there is no still of this stream yet: ask again in a second"))
    }
    let shown = NumberFormat.fixed(still.shown, 6)
    return Response(
      200, headers: [("Content-Type", "image/jpeg"), ("Ridley-Shown", shown)] + fresh, body: still.bytes)
  }
}
