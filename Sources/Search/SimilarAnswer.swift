public import Base
public import Catalog
internal import Items

/// Stretches of films that look alike, the most alike first.
public struct SimilarAnswer: Sendable {
  public struct Found: Sendable, Hashable {
    public let asset: ULID
    public let series: String
    /// Seconds of the film: of the best frame, and from the first to the last that is nearly as much alike.
    public let time: Double
    public let span: ClosedRange<Double>
    /// The cosine, -1 to 1.
    public let likeness: Double
    /// The object whose crop the best is.
    public let track: Int?
    /// When that was, in milliseconds since 1970.
    public let at: Int
    /// Where words were compared with what labels are called: the labels that have most to do with it.
    public internal(set) var because: [Reason] = []
  }

  /// One label of a frame that is found by words.
  public struct Reason: Sendable, Hashable {
    public let label: String
    /// Of the labels that count for this frame, by how probable each is; 0 to 1.
    public let share: Double
    /// The cosine of its name and what was asked.
    public let likeness: Double
  }

  /// Whose vectors were compared: `NAME@sha256:…`.
  public internal(set) var network = ""
  /// What was asked, where that were words.
  public internal(set) var asked: AskedWords?
  public internal(set) var found: [Found] = []
  /// Vectors that were compared, and films that have some of this network and were not ruled out.
  public internal(set) var compared = 0
  public internal(set) var films = 0
  /// In milliseconds since 1970: what was written up to then is found.
  public internal(set) var upTo = 0
  /// What may be missing, and why; none where everything is found.
  public internal(set) var incomplete: [AnswerGap] = []

  /// The members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.field("model", network)
    asked?.write(into: &json)
    json.array("found") { json in
      for one in found {
        json.object { json in
          json.field("asset", one.asset.text)
          json.field("series", one.series)
          json.field("similarity", one.likeness, digits: 6)
          json.field("time", one.time, digits: 3)
          json.field("from", one.span.lowerBound, digits: 3)
          json.field("to", one.span.upperBound, digits: 3)
          json.field("at", CompositeKey.time(milliseconds: one.at))
          json.field("track", ifKnown: one.track)
          guard asked?.concepts != nil else { return }
          json.array("because") { json in for reason in one.because { json.object(reason.write) } }
        }
      }
    }
    json.field("compared", compared)
    json.field("films", films)
    incomplete.write(into: &json)
    json.field("asOf", CompositeKey.time(milliseconds: upTo))
  }
}
