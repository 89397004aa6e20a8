public import Base

/// What is searched for: conditions on a moment, or on several that belong together.
///
/// The language is described in docs/search.md. Times that count from the present (`yesterday`) are resolved when a query is parsed: one that
/// is kept is kept as its text, and parsed anew at each use.
public struct SearchQuery: Sendable, Hashable {
  /// How a moment belongs to the one before it.
  public struct Link: Sendable, Hashable {
    public enum Order: String, Sendable, Hashable, CaseIterable {
      /// It begins when the one before begins, or later.
      case then
      /// Before it or behind it.
      case near
    }

    public var order: Order
    /// Most milliseconds between the end of one and the beginning of the other; those that overlap have none between them.
    public var within: Int
    /// Both are of one object that was followed; tracks of an asset are those of one series.
    public var sameTrack: Bool

    public init(order: Order, within: Int = Limits.defaultGap, sameTrack: Bool = false) {
      (self.order, self.within, self.sameTrack) = (order, within, sameTrack)
    }
  }

  public struct Step: Sendable, Hashable {
    public var condition: Condition
    /// To the step before; `nil` for the first.
    public var link: Link?

    public init(condition: Condition, link: Link? = nil) { (self.condition, self.link) = (condition, link) }
  }

  /// What a query has at most, and what it has where it does not say.
  public enum Limits {
    public static let byteCount = 2000
    /// Names behind a comma count each.
    public static let conditionCount = 64
    /// Parentheses and negations within each other.
    public static let depth = 32
    public static let stepCount = 8
    /// Milliseconds between two steps: a minute, and at most a day.
    public static let defaultGap = 60_000
    public static let greatestGap = 86_400_000
  }

  /// One at least.
  public let steps: [Step]
  /// By whose clocks its times are meant: that of the query itself, else the one that it was parsed with.
  public let zone: String
  /// A text that asks the same, with one spelling for each thing; times that count from the present still do.
  public let canonicalText: String

  /// Reads a query as it is at a moment, in milliseconds since 1970, where times without a zone are those of `zone`.
  ///
  /// Zones that the query itself names are read from files of `folder`. Faults are `badInput` and tell the place.
  public init(
    parsing text: String, at now: Int, in zone: TimeRules, zonesIn folder: String = TimeRules.systemFolder
  ) throws(Fault) {
    guard text.utf8.count <= Limits.byteCount else {
      throw Fault(
        .badInput, "the query has \(text.utf8.count) bytes: shorten it to \(Limits.byteCount), or ask in several")
    }
    var parser = try Parser(QueryText(text), at: now, in: zone, zonesIn: folder)
    let parts = try parser.sequence()
    var steps: [Step] = []
    for part in parts {
      steps.append(Step(condition: try part.node.condition(parser.text, parser.time.zone), link: part.link))
    }
    (self.steps, self.zone) = (steps, parser.time.zone.name)
    let canonical = Self.text(of: parts, zone: parser.zoneText)
    // what is spelt out may be longer than what may be read
    canonicalText = canonical.utf8.count <= Limits.byteCount ? canonical : text
  }

  private static func text(of parts: [Parser.Part], zone: String?) -> String {
    var words = zone.map { ["tz:" + Notation.value($0)] } ?? []
    for part in parts {
      if let link = part.link { words.append(link.order.rawValue) }
      words.append(part.node.text)
      if let link = part.link { words.append("within \(Spans.text(link.within))") }
      if part.link?.sameTrack == true { words.append("same track") }
    }
    return words.joined(separator: " ")
  }
}
