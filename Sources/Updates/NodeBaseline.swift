internal import Base
internal import JSON

/// What a node did well before an update, and has to do with it too.
public struct NodeBaseline: Sendable, Hashable {
  public struct Stream: Sendable, Hashable {
    public let client: String
    public let name: String

    public init(client: String, name: String) { (self.client, self.name) = (client, name) }
  }

  /// Streams of which pictures came within the last minute.
  public var streams: [Stream]
  /// Pipelines that could be put together.
  public var pipelines: [String]

  public init(streams: [Stream] = [], pipelines: [String] = []) {
    (self.streams, self.pipelines) = (streams, pipelines)
  }

  /// All that either says.
  func union(_ other: NodeBaseline) -> NodeBaseline {
    NodeBaseline(
      streams: streams + other.streams.filter { !streams.contains($0) },
      pipelines: pipelines + other.pipelines.filter { !pipelines.contains($0) })
  }
}

/// The pictures of one stream of a node, counted since it was begun.
public struct StreamPictures: Sendable, Hashable {
  public let stream: NodeBaseline.Stream
  public let count: Int
  /// They can be decoded, where something looks at them.
  public let isLive: Bool
  /// A film was played to its end: none is to come.
  public let hasEnded: Bool

  public init(_ stream: NodeBaseline.Stream, count: Int, isLive: Bool = true, hasEnded: Bool = false) {
    (self.stream, self.count, self.isLive, self.hasEnded) = (stream, count, isLive, hasEnded)
  }
}

/// Whether each stream that gave pictures before an update gave one with it.
///
/// Values in, decisions out. What was seen and is gone, somebody took away; what is not there from the start is waited for.
public struct PictureWatch: Sendable {
  private var silent: [NodeBaseline.Stream]
  /// How many had come at the first look.
  private var first: [NodeBaseline.Stream: Int] = [:]

  public init(_ streams: [NodeBaseline.Stream]) { silent = streams }

  public mutating func look(_ pictures: [StreamPictures]) -> NodeHealth {
    guard !silent.isEmpty else { return .well }
    let found = Dictionary(pictures.map { ($0.stream, $0) }) { first, _ in first }
    let noted = first
    silent = silent.filter { stream in
      guard let now = found[stream] else { return noted[stream] == nil }
      guard let before = noted[stream] else { return !now.hasEnded }
      // A stream that was begun anew counts from nothing.
      return !now.hasEnded && (now.count == before || now.count == 0 || !now.isLive)
    }
    for one in pictures { first[one.stream] = min(first[one.stream] ?? one.count, one.count) }
    guard let one = silent.first else { return .well }
    let others = silent.count > 1 ? " and \(silent.count - 1) more" : ""
    return .waiting("the stream \(one.name)\(others) gave pictures before the update, and none since")
  }
}

extension NodeBaseline {
  private enum Key: String, CaseIterable { case streams, pipelines }
  private enum StreamKey: String, CaseIterable { case client, name }

  func write(into json: inout JSONWriter) {
    json.array("streams") { json in
      for stream in streams {
        json.object { json in
          json.field("client", stream.client)
          json.field("name", stream.name)
        }
      }
    }
    json.field("pipelines", pipelines)
  }

  init(_ value: JSONValue) throws(Fault) {
    self.init()
    let fields = try value.fields(Key.self, others: .ignored)
    for one in try fields.required(.streams).elements() {
      let stream = try one.fields(StreamKey.self, others: .ignored)
      streams.append(
        Stream(client: try stream.required(.client).string(), name: try stream.required(.name).string()))
    }
    for one in try fields.required(.pipelines).elements() { pipelines.append(try one.string()) }
  }
}
