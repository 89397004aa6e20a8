public import Base

/// A stretch of time of one asset or one live stream in which something was found, as searches see it.
///
/// Moments are derived: of what an analysis found, and of a stream's events. They stand and fall with these.
public struct Moment: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A label that frames one after the other have, or an object that is followed.
    case sight
    /// What a rule saw, in a stream or in a film.
    case event
    /// A stretch that is unsafe for brands; its label is the category.
    case safety
    /// A label of the film as a whole, or of a scene.
    case content
    /// A product of the catalogue.
    case product
  }

  public enum Source: Sendable, Hashable {
    case asset(ULID)
    /// By the stream's name, which is one of its client's.
    case stream(String)

    /// How it stands in keys; no stream has the key of an asset.
    public var key: String {
      switch self {
      case .asset(let id): "asset:" + id.text
      case .stream(let name): "stream:" + name
      }
    }
  }

  /// Among the client's moments.
  public let id: String
  public let client: String
  public let source: Source
  public let kind: Kind
  /// When it began and when it was so last, in milliseconds since 1970.
  ///
  /// Of an asset these are counted from when it was taken, or, where that is not known, from when it was added.
  public let from: Int
  public var to: Int
  /// Milliseconds from the beginning of the asset; `nil` for streams.
  public var offset: Int?
  public var label: String?
  /// The greatest.
  public var score: Float?
  public var track: Int?
  /// What the networks that looked at it closer called it, such as its colour.
  public var traits: [String] = []
  public var zone: String?
  public var rule: String?
  /// Words that were read.
  public var text: String?
  /// What the pipeline that found it is called; for a stream's event, the pipeline's digest.
  public var series: String
  /// The moment of the greatest score, in milliseconds since 1970, and where that was.
  public var best: Int
  public var box: Rect?
  /// A picture of the best moment, an object: JPEG.
  public var snapshot: String?
  /// It has not ended yet.
  public var isOpen = false
  /// Which writing of its analysis it is of; 0 for events.
  public var generation = 0

  /// Milliseconds from which on a moment is a long one.
  public static let leastLong = 1 << 16
  /// Of a long one: `n` where it lasts 2 to the power of `n` milliseconds or more, and less than twice as long.
  public var lengthClass: Int? {
    let length = to - from
    return length < Self.leastLong ? nil : Int.bitWidth - 1 - length.leadingZeroBitCount
  }

  public init(id: String, client: String, source: Source, kind: Kind, from: Int, to: Int, series: String) {
    (self.id, self.client, self.source, self.kind) = (id, client, source, kind)
    (self.from, self.to, self.series, best) = (from, to, series, from)
  }
}
