public import Base

/// What is asked of the attention in a film.
public struct AttentionSettings: Sendable, Hashable {
  /// A part of the picture that stays where it is.
  public struct Box: Sendable, Hashable {
    public var id: String
    /// Fractions of the upright picture.
    public var rect: Rect

    public init(id: String, rect: Rect) { (self.id, self.rect) = (id, rect) }
  }

  /// Boxes of another network's answers about the same frame: logos, products, faces.
  public struct Following: Sendable, Hashable {
    public enum Grouping: String, Sendable, Hashable, CaseIterable {
      /// All boxes of a label together, known by the label; where they overlap nothing counts twice.
      case label
      /// Each object for itself, known as `LABEL#TRACK`; what has no track is known by its label.
      case track
    }

    /// `nil` follows every label.
    public var label: String?
    /// The pipeline's network whose answers they are, from 0; `nil` takes those of any.
    public var step: Int?
    public var grouping: Grouping
    /// Boxes that are less sure are left out.
    public var leastScore: Float

    public init(label: String? = nil, step: Int? = nil, by grouping: Grouping = .label, leastScore: Float = 0) {
      (self.label, self.step, self.grouping, self.leastScore) = (label, step, grouping, leastScore)
    }
  }

  public var boxes: [Box] = []
  public var following: [Following] = []
  /// The network of the pipeline whose maps are read, from 0; `nil` takes the first answer that has one.
  public var step: Int?
  /// The part of each frame that is the film: without the bars that a film of another shape has above and below, or beside it.
  ///
  /// Attention, areas and the prior outside of it do not count.
  public var picture = Rect.unit
  /// Seconds from the film's start that are told apart, as well.
  public var opening = 5.0
  /// Part of all attention from which on a box counts as attended.
  public var threshold = 0.1
  /// What maps are raised to before anything is measured on them; 1 takes them as they are, less spreads their peaks out.
  ///
  /// Networks are often surer of a peak than people agree on it: `docs/analysers.md` says what .5 gains for one.
  public var exponent = 1.0
  /// The prior's standard deviation, in widths and in heights of the picture.
  public var priorSigma = 0.2

  public init() {}

  func check() throws(Fault) {
    func refuse(_ words: String) -> Fault { Fault(.badInput, "attention: " + words) }
    guard opening > 0, opening <= 60 else {
      throw refuse("opening is \(opening) seconds, and more than 0 and at most 60 are expected; 3 to 5 are usual")
    }
    guard threshold > 0, threshold <= 1 else {
      throw refuse("threshold is \(threshold), and a part of all attention is expected, more than 0 and at most 1")
    }
    guard priorSigma >= 0.01, priorSigma <= 10 else {
      throw refuse("priorSigma is \(priorSigma), and 0.01 to 10 widths of the picture are expected; 0.2 is usual")
    }
    guard exponent >= 0.1, exponent <= 10 else {
      throw refuse("exponent is \(exponent), and 0.1 to 10 are expected; 1 takes maps as they are")
    }
    try Self.check(picture, "picture")
    var seen: Set<String> = []
    for box in boxes {
      guard !box.id.isEmpty, seen.insert(box.id).inserted else {
        throw refuse("two boxes are called '\(box.id)', and each needs a name of its own")
      }
      try Self.check(box.rect, "box '\(box.id)'")
      guard box.rect.clipped(to: picture).area > 0 else {
        throw refuse("box '\(box.id)' lies outside of the picture that is looked at")
      }
    }
  }

  private static func check(_ rect: Rect, _ name: String) throws(Fault) {
    let isInside = rect.x >= 0 && rect.y >= 0 && rect.right <= 1 + 1e-9 && rect.bottom <= 1 + 1e-9
    guard isInside, rect.width > 0, rect.height > 0 else {
      throw Fault(
        .badInput,
        "attention: \(name) is \(rect.x), \(rect.y), \(rect.width), \(rect.height), and left, top, width and height are expected, in fractions of the picture: divide pixels by its width and height"
      )
    }
  }
}
