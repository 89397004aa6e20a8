internal import Access
internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Recordings
internal import Streams
internal import Web

/// What was recorded of live streams: when, and the film of any range of it.
enum RecordingRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Streams",
    routes: [
      Route(
        library: .get, "/v1/streams/{stream}/recordings", StreamRoutes.recorded, for: .read,
        Operation(
          "listRecordings",
          "When a stream was recorded, and its clips, in a range of time; of streams that were removed too. Where there is very much, the answer's `to` is where it ends",
          answer(json(schema("Recordings"))),
          parameters: [LibraryQuery.client.documentation, from.documentation, to.documentation],
          failures: [.notFound]), answer: list),
      Route(
        library: .get, "/v1/streams/{stream}/recording.mp4", StreamRoutes.recorded, for: .read, isSlow: true,
        Operation(
          "getRecording",
          "The film of a range of time, from the very moment on, as MP4 of the source's own packets; or a range of its bytes. `Ridley-From` and `Ridley-To` say what is shown; where nothing was recorded in between, the picture stands still",
          answer(["video/mp4": bytes("video/mp4")])
            + [("206", ["description": "A range.", "content": ["video/mp4": bytes("video/mp4")]])] + AssetRoutes.same,
          parameters: [LibraryQuery.client.documentation, from.documentation, to.documentation],
          failures: [.notFound, .changed, .badRange]), answer: film),
    ], schemas: schemas)

  private static let from = LibraryQuery.moment(
    "from", component: "RecordedFrom",
    "From this moment on; where it is left away, an hour before `to` for the film and a day for the list.")
  private static let to = LibraryQuery.moment(
    "to", component: "RecordedTo", "Up to this moment; now where it is left away.")

  /// Recordings of one kind in an answer.
  private static let most = 5000

  private static func range(_ call: LibraryCall, hours: Int) throws(Failure) -> ClosedRange<Int> {
    let query = try call.context.query()
    let last = try query(to) ?? call.library.now
    let first = try query(from) ?? last - hours * 3_600_000
    guard first < last else { throw Failure(Fault(.badInput, "from lies behind to")) }
    return first...last
  }

  /// In their order, and up to where they are told.
  private static func find(
    _ kind: Recording.Kind, _ call: LibraryCall, _ client: String, _ stream: String, _ range: ClosedRange<Int>
  ) throws(Failure) -> (found: [Asset], end: Int) {
    try call.perform { () throws(Fault) in
      var (found, token) = ([Asset](), PageToken?.none)
      repeat {
        let page = try call.library.recordings(
          of: stream, kind, client: client, scope: call.scope, in: range, after: token)
        (found, token) = (found + page.elements, page.next)
      } while token != nil && found.count < most
      return (found, token == nil ? range.upperBound : found.last?.recording?.from ?? range.upperBound)
    }
  }

  private static func list(_ call: LibraryCall, _ stream: String) throws(Failure) -> Response {
    let (client, range) = (try call.client(try call.context.query()), try range(call, hours: 24))
    let (segments, end) = try find(.continuous, call, client, stream, range)
    let (clips, clipEnd) = try find(.clip, call, client, stream, range)
    if segments.isEmpty, clips.isEmpty { try checkStream(call, client, stream) }
    let open = unfinished(call, client, stream)
    let spans = RecordedSpans(
      segments.compactMap(\.recording), open: try call.perform { () throws(Fault) in try RecordedSpans.scan(open) },
      in: range)
    return .json(
      JSONWriter.object(capacity: 1 << 14) { json in
        json.field("stream", stream)
        json.field("from", CompositeKey.time(milliseconds: range.lowerBound))
        json.field("to", CompositeKey.time(milliseconds: min(end, clipEnd)))
        json.array("spans") { json in for span in spans.all { json.object { write(span, into: &$0) } } }
        for (name, assets) in [("segments", segments), ("clips", clips)] {
          json.array(JSONWriter.Name(name)) { json in
            for asset in assets { json.object { write(asset, into: &$0) } }
          }
        }
      })
  }

  /// Files that are being written; none of another client's.
  private static func unfinished(_ call: LibraryCall, _ client: String, _ stream: String) -> [String] {
    guard call.scope.covers(client) else { return [] }
    return call.context.gateway.streams.archive?.unfinished(of: stream, client: client) ?? []
  }

  /// Nothing shows of a stream that never was, or is another client's.
  private static func checkStream(_ call: LibraryCall, _ client: String, _ stream: String) throws(Failure) {
    try call.perform { () throws(Fault) in
      _ = try call.context.gateway.streams.view(stream, scope: call.scope, client: client)
    }
  }

  private static func write(_ span: Recording.Gap, into json: inout JSONWriter) {
    json.field("from", CompositeKey.time(milliseconds: span.from))
    json.field("to", CompositeKey.time(milliseconds: span.to))
  }

  private static func write(_ asset: Asset, into json: inout JSONWriter) {
    guard let recording = asset.recording else { return }
    json.field("asset", asset.id.text)
    json.field("event", ifKnown: recording.event?.text)
    write(Recording.Gap(from: recording.from, to: recording.to), into: &json)
    json.field("bytes", asset.byteCount)
  }

  private static func film(_ call: LibraryCall, _ stream: String) throws(Failure) -> Response {
    let (client, range) = (try call.client(try call.context.query()), try range(call, hours: 1))
    try call.perform { () throws(Fault) in try JoinedFilm.check(from: range.lowerBound, to: range.upperBound) }
    let open = unfinished(call, client, stream)
    let (segments, end) = try find(.continuous, call, client, stream, range)
    if segments.isEmpty, open.isEmpty { try checkStream(call, client, stream) }
    let film = try call.perform { () throws(Fault) in
      guard end == range.upperBound else {
        throw Fault(.badInput, "the range has too many segments: ask up to \(CompositeKey.time(milliseconds: end))")
      }
      let kept = try segments.map { (asset) throws(Fault) in try call.library.file(of: asset) }
      return try JoinedFilm(kept + open, from: range.lowerBound, to: range.upperBound)
    }
    let headers = [
      ("Content-Type", "video/mp4"), ("Cache-Control", "private, no-cache"), ("X-Content-Type-Options", "nosniff"),
      ("Ridley-From", CompositeKey.time(milliseconds: film.from)),
      ("Ridley-To", CompositeKey.time(milliseconds: film.to)),
    ]
    // The header says where every picture stands, and how long it is.
    let tag = EntityTag(Library.tag(of: film.header))
    return .serving(JoinedSource(film: film), for: call.context.request, tag: tag, headers: headers)
  }

  private static let part = object(
    ["asset": string, "from": moment, "to": moment, "bytes": count], optional: ["event": string])
  private static let schemas: Document = [
    "Recordings": object([
      "stream": string, "from": moment, "to": moment,
      "spans": about(
        "Times of which there are pictures, without those of clips alone; the last one may be going on.",
        list(object(["from": moment, "to": moment]))),
      "segments": list(part), "clips": list(part),
    ])
  ]
}

/// A range of recordings as the body of an answer.
private struct JoinedSource: BodySource {
  let film: JoinedFilm

  var byteCount: Int { film.byteCount }

  func read(_ range: Range<Int>) throws(Fault) -> [UInt8] { try film.read(range) }
}
