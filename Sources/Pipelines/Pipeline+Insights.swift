internal import Base
public import Insights

extension Pipeline {
  /// What is told of a film as a whole, from all answers about its frames.
  public struct InsightSteps: Sendable, Hashable {
    public var shots: Shots?
    public var breaks: Breaks?
    public var content: Content?
    public var safety: Safety?
    public var products: Products?
    public var attention: Attention?
    public var memorability: Memorability?

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

  /// Where the film may be interrupted.
  public struct Breaks: Sendable, Hashable {
    /// The network whose embeddings are compared, by position; `nil` where pictures are not.
    public var of: Int?
    /// The network that hears speech, a model by name or the path of a file; `nil` where nothing listens.
    public var speech: String?
    public var settings = BreakSettings()

    public init() {}
  }

  /// What is in the film.
  public struct Content: Sendable, Hashable {
    /// The networks that say so, by position.
    public var of: [Int]
    public var settings = ContentSettings()

    public init(of networks: [Int]) { of = networks }
  }

  /// What an advertiser may not want to stand beside.
  public struct Safety: Sendable, Hashable {
    /// The mapping as a document; `nil` for the built-in one.
    public var mapping: String?

    public init() {}
  }

  /// Where the film draws the eye.
  public struct Attention: Sendable, Hashable {
    public var settings: AttentionSettings

    public init(_ settings: AttentionSettings) { self.settings = settings }
  }

  /// How well it is remembered.
  public struct Memorability: Sendable, Hashable {
    public var of: Int
    /// Seconds between seeing and being asked.
    public var delay: Double
    public var best = 3.0

    public init(of network: Int, delay: Double) { (of, self.delay) = (network, delay) }
  }

  /// The models that it names, by name or path: its networks in order, and behind them the one that hears speech.
  public var models: [String] { infer.map(\.model) + [insights.breaks?.speech].compactMap { $0 } }

  /// Every frame is described, as shots are found from such descriptions.
  public var describesFrames: Bool { insights.shots != nil }
}

extension Pipeline {
  /// The normal form of what is told of the film as a whole.
  var insightsText: String {
    let steps = insights
    return [
      steps.shots.map(text), steps.breaks.map(text), steps.content.map(text), steps.safety.map(text),
      steps.products.map(text), steps.attention.map(text), steps.memorability.map(text),
    ].compactMap { $0 }.joined()
  }

  private func name(_ step: Int) -> String { CanonicalText.quoted(infer[step].name) }

  private func text(_ shots: Shots) -> String {
    let of = shots.of.map { "  of: \(name($0))\n" } ?? ""
    return "shots:\n\(of)" + """
        threshold: \(CanonicalText.number(shots.settings.threshold))
        min-shot: \(CanonicalText.time(shots.settings.minShot))
        min-black: \(CanonicalText.time(shots.settings.minBlack))
        black-luma: \(shots.settings.blackLuma)

      """
  }

  private func text(_ breaks: Breaks) -> String {
    let settings = breaks.settings
    var text = "breaks:\n"
    if let of = breaks.of { text += "  of: \(name(of))\n" }
    if let speech = breaks.speech { text += "  speech: \(CanonicalText.quoted(speech))\n" }
    text += "  min-distance: \(CanonicalText.time(settings.minDistance))\n"
    if let most = settings.maxDistance { text += "  max-distance: \(CanonicalText.time(most))\n" }
    text += "  skip-first: \(CanonicalText.time(settings.skipFirst))\n"
    text += "  skip-last: \(CanonicalText.time(settings.skipLast))\n"
    if let count = settings.count { text += "  count: \(count)\n" }
    return text + "  threshold: \(CanonicalText.number(settings.threshold))\n"
  }

  private func text(_ content: Content) -> String {
    """
    content:
      of: [\(content.of.map(name).joined(separator: ", "))]
      score: \(CanonicalText.number(content.settings.score))
      frames: \(content.settings.frames)
      labels: \(content.settings.labels)

    """
  }

  private func text(_ safety: Safety) -> String {
    safety.mapping.map { "safety:\n  mapping: \(CanonicalText.quoted($0))\n" } ?? "safety: {}\n"
  }

  private func text(_ attention: Attention) -> String {
    let settings = attention.settings
    var text = "attention:\n"
    if let of = settings.step { text += "  of: \(name(of))\n" }
    if !settings.boxes.isEmpty {
      text += "  boxes:\n"
      for box in settings.boxes { text += "    \(CanonicalText.quoted(box.id)): \(sides(box.rect))\n" }
    }
    if !settings.following.isEmpty {
      text += "  follow: \(CanonicalText.words(settings.following.compactMap(\.label)))\n"
      text += "  by: \(settings.following[0].grouping.rawValue)\n"
    }
    text += "  picture: \(sides(settings.picture))\n"
    text += "  opening: \(CanonicalText.time(settings.opening))\n"
    text += "  threshold: \(CanonicalText.number(settings.threshold))\n"
    text += "  exponent: \(CanonicalText.number(settings.exponent))\n"
    return text + "  prior-sigma: \(CanonicalText.number(settings.priorSigma))\n"
  }

  private func sides(_ rect: Rect) -> String {
    let sides = [rect.x, rect.y, rect.width, rect.height].map(CanonicalText.number)
    return "[\(sides.joined(separator: ", "))]"
  }

  private func text(_ memorability: Memorability) -> String {
    """
    memorability:
      of: \(name(memorability.of))
      delay: \(CanonicalText.time(memorability.delay))
      best: \(CanonicalText.time(memorability.best))

    """
  }

  /// Only what is there, so that the digests of all others stay what they were.
  func writeInsights(into json: inout JSONWriter) {
    if insights.isEmpty { return }
    // The version of the methods, which stand for themselves where no network does, and what is said of each in its one spelling.
    json.array { json in
      json.string("insights 1")
      json.string(anonymous.insightsText)
      if insights.safety != nil, insights.safety?.mapping == nil {
        let mapping = SafetyMapping.builtIn.id
        json.string("\(mapping.name) \(mapping.version)")
      }
      if insights.content != nil { json.string("\(Vocabulary.builtIn.name) \(Vocabulary.builtIn.version)") }
    }
  }

  /// Names of networks are no part of the identity: each is called by its position, and the network for speech and the catalogue are told by
  /// their digests.
  private var anonymous: Pipeline {
    var pipeline = self
    for step in pipeline.infer.indices { pipeline.infer[step].name = "n\(step)" }
    if pipeline.insights.breaks?.speech != nil { pipeline.insights.breaks?.speech = "speech" }
    pipeline.insights.products?.catalogue = "catalogue"
    return pipeline
  }
}
