public import Base

/// What a user sets about breaks; times are seconds.
public struct BreakSettings: Sendable, Hashable {
  /// Two breaks are at least so far apart.
  public var minDistance: Double
  /// No stretch without a break is longer, where breaks can be had for that; `nil` for no such wish.
  public var maxDistance: Double?
  /// No break within so much of the beginning and of the end.
  public var skipFirst: Double
  public var skipLast: Double
  /// At most so many; `nil` for all that are good enough.
  public var count: Int?
  /// Breaks with a smaller score are none, unless ``maxDistance`` needs one; 0 to 1.
  public var threshold: Double

  public init(
    minDistance: Double = 60, maxDistance: Double? = nil, skipFirst: Double = 0, skipLast: Double = 0,
    count: Int? = nil, threshold: Double = 0.35
  ) {
    (self.minDistance, self.maxDistance) = (minDistance, maxDistance)
    (self.skipFirst, self.skipLast, self.count, self.threshold) = (skipFirst, skipLast, count, threshold)
  }
}

/// What speaks for a break at a moment; each 0 to 1, and `nil` where nothing looked or listened.
public struct BreakEvidence: Sendable, Hashable {
  /// How unlike the pictures before and after are: 1 less the likeness of what comes back.
  public var visual: Double?
  /// The share of the time around it in which nobody speaks.
  public var silence: Double?
  /// 1 where the picture is black.
  public var black: Double
  /// How sure the change of shots is.
  public var shot: Double

  public init(visual: Double?, silence: Double?, black: Double, shot: Double) {
    (self.visual, self.silence, self.black, self.shot) = (visual, silence, black, shot)
  }

  /// Parts are weighed as in `docs/analysers.md`; those that are not known count nothing, on either side.
  public var score: Double {
    let parts = [(visual, 1.0), (silence, 0.35), (black, 0.3)].compactMap { part, weight in part.map { ($0, weight) } }
    // A change of shots alone says little about stories: it stands in for what would look at pictures.
    let all = visual == nil ? parts + [(shot * 0.5, 1)] : parts
    return all.reduce(0) { $0 + $1.0 * $1.1 } / all.reduce(0) { $0 + $1.1 }
  }

  /// Why, in words, the strongest first.
  public var words: String {
    var words: [(String, Double)] = []
    if black > 0 { words.append(("the picture is black", black)) }
    if let visual, visual >= 0.3 { words.append(("other pictures follow", visual)) }
    if let silence, silence >= 0.5 { words.append(("nobody speaks", silence * 0.35)) }
    words.append(("the shot changes", shot * 0.1))
    return words.sorted { $0.1 > $1.1 }.map(\.0).joined(separator: ", ")
  }
}

/// A moment at which a film may be interrupted.
public struct StoryBreak: Sendable, Hashable {
  /// Seconds; where the new shot begins, or in black or a dissolve where nobody speaks, nearest to the middle.
  public var time: Double
  /// The frame that is shown from then on.
  public var frame: Int
  public var score: Double
  /// 1 for the best of the film.
  public var rank: Int
  public var evidence: BreakEvidence

  public init(time: Double, frame: Int, score: Double, rank: Int, evidence: BreakEvidence) {
    (self.time, self.frame, self.score, self.rank, self.evidence) = (time, frame, score, rank, evidence)
  }
}

/// The breaks of a film in the order of time, and what could not be looked at.
public struct BreakList: Sendable, Hashable {
  public var breaks: [StoryBreak] = []
  /// Changes of shots that were looked at, and those of them at which somebody speaks.
  public var candidates = 0
  public var insideSpeech = 0
  /// What nothing looked at or listened to: `visual`, `silence`.
  public var notAssessed: [String] = []
  /// Wishes that could not be fulfilled, in words.
  public var notes: [String] = []

  public init() {}

  public func write(into json: inout JSONWriter) {
    json.object { json in
      json.array("breaks") { json in for one in breaks { one.write(into: &json) } }
      json.field("candidates", candidates)
      json.field("insideSpeech", insideSpeech)
      json.field("notAssessed", notAssessed)
      json.field("notes", notes)
    }
  }
}

extension StoryBreak {
  /// `insideSpeech` is false, as a moment at which somebody speaks is no break, and null without a listener.
  func write(into json: inout JSONWriter) {
    json.object { json in
      json.field("time", time, digits: 6)
      json.field("frame", frame)
      json.field("score", score)
      json.field("rank", rank)
      json.object("evidence") { json in
        json.field("visual", evidence.visual)
        json.field("silence", evidence.silence)
        json.field("black", evidence.black)
        json.field("shot", evidence.shot)
      }
      json.field("because", evidence.words)
      json.field("insideSpeech") { json in if evidence.silence == nil { json.null() } else { json.bool(false) } }
    }
  }
}
