internal import Base
public import Insights

extension Pipeline {
  /// What is told of a film as a whole, from all answers about its frames.
  public struct InsightSteps: Sendable, Hashable {
    public var shots: Shots?

    public init() {}

    var isEmpty: Bool { self == InsightSteps() }
  }

  /// Where one shot becomes the next.
  public struct Shots: Sendable, Hashable {
    /// The network that says so of each frame, by position; `nil` for the method that needs none.
    public var of: Int?
    public var settings = ShotSettings()

    public init() {}
  }

  /// Every frame is described, as shots are found from such descriptions.
  public var describesFrames: Bool { insights.shots != nil }
}

extension Pipeline {
  /// The normal form of what is told of the film as a whole.
  var insightsText: String {
    var text = ""
    if let shots = insights.shots {
      text += "shots:\n"
      if let of = shots.of { text += "  of: \(CanonicalText.quoted(infer[of].name))\n" }
      text += "  threshold: \(CanonicalText.number(shots.settings.threshold))\n"
      text += "  min-shot: \(CanonicalText.time(shots.settings.minShot))\n"
      text += "  min-black: \(CanonicalText.time(shots.settings.minBlack))\n"
      text += "  black-luma: \(shots.settings.blackLuma)\n"
    }
    return text
  }

  /// Only what is there, so that the digests of all others stay what they were.
  func writeInsights(into json: inout JSONWriter) {
    if let shots = insights.shots {
      json.array { json in
        json.string("shots 1")
        json.integer(shots.of ?? -1)
        for value in [shots.settings.threshold, shots.settings.minShot, shots.settings.minBlack] { json.exact(value) }
        json.integer(shots.settings.blackLuma)
      }
    }
  }
}
