public import Base

/// How well a film is remembered, after how long, by which network.
public struct MemorabilityReport: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    /// Seconds.
    public var time: Double
    /// 0 to 1.
    public var score: Double
  }

  public struct Stretch: Sendable, Hashable {
    public var start: Double
    public var end: Double
    /// Mean of it.
    public var score: Double
  }

  /// Mean over the film, each frame by how long it is shown.
  public let score: Double
  /// Seconds between seeing and being asked.
  public let delay: Double
  public let curve: [Point]
  /// `NAME@sha256:…`.
  public let model: String
  /// The stretch that is remembered best.
  public let best: Stretch
  public let framesWithoutScore: Int

  public func write(into json: inout JSONWriter) {
    json.object { json in
      json.field("score", score)
      json.field("delay", delay, digits: 3)
      json.array("curve") { json in
        for point in curve {
          json.object { json in
            json.field("t", point.time, digits: 6)
            json.field("score", point.score)
          }
        }
      }
      json.field("model", model)
      json.object("best") { json in
        json.field("start", best.start, digits: 6)
        json.field("end", best.end, digits: 6)
        json.field("score", best.score)
      }
      json.field("framesWithoutScore", framesWithoutScore)
    }
  }
}
