public import Base
public import Predictions

/// What a film's attention comes to.
///
/// Times are seconds, places fractions of the upright picture, shares 0 to 1.
public struct AttentionReport: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    public var x: Float
    public var y: Float

    init(_ point: AttentionPlaces.Point) { (x, y) = (Float(point.x), Float(point.y)) }
  }

  /// One frame that was looked at.
  public struct Frame: Sendable, Hashable {
    public var time: Double
    /// Centre of mass.
    public var center: Point
    /// Where there is most.
    public var peak: Point
    /// Its boxes among all ``AttentionReport/shares``.
    public var shares: Range<Int>
  }

  /// What one box has of one frame's attention.
  public struct Share: Sendable, Hashable {
    /// Place among ``AttentionReport/ids``.
    public var box: Int
    public var share: Float
    /// Part of the picture.
    public var area: Float
  }

  /// Means over the time that a box was there.
  public struct Figures: Sendable, Hashable {
    /// Part of the time in which it was there.
    public var visible: Double
    public var share: Double
    public var area: Double
    /// What the centre prior alone would give it.
    public var prior: Double
    /// Part of the time that it was there in which its share reached the threshold.
    public var attended: Double

    /// Mean share over mean area: above 1 it draws more than its size does.
    public var lift: Double? { area > 0 ? share / area : nil }
    /// Mean share over what the centre prior gives: above 1 it draws more than its place does.
    public var liftOverPrior: Double? { prior > 0 ? share / prior : nil }
  }

  public struct Box: Sendable, Hashable {
    public var id: String
    /// `nil` where it never was there.
    public var whole: Figures?
    /// Of the film's first seconds.
    public var opening: Figures?
    public var firstSeen: Double?
    public var firstAttended: Double?
  }

  public let settings: AttentionSettings
  public internal(set) var frames: [Frame] = []
  public internal(set) var shares: [Share] = []
  public internal(set) var ids: [String] = []
  public internal(set) var boxes: [Box] = []
  /// Frames that had no map, and so say nothing.
  public internal(set) var framesWithoutMap = 0
  /// The least number of a network's own map, where that is below 0: those are no shares.
  var least: Float = 0
  /// The mean over the film, and over its first seconds.
  public internal(set) var map: AttentionMap?
  public internal(set) var openingMap: AttentionMap?

  init(_ settings: AttentionSettings) { self.settings = settings }

  mutating func add(
    _ time: Double, _ places: AttentionPlaces,
    _ found: [(place: Int, share: Double, area: Double)]
  ) {
    let first = shares.count
    shares += found.map { Share(box: $0.place, share: Float($0.share), area: Float($0.area)) }
    frames.append(
      Frame(
        time: time, center: Point(places.center), peak: Point(places.peak), shares: first..<shares.count))
  }
}

extension AttentionReport {
  /// A sentence for a person where the figures are not to be trusted.
  public var note: String? {
    let way = "say activation sigmoid for logits, and put an exponential behind a network of log densities"
    if frames.isEmpty {
      return framesWithoutMap == 0
        ? nil
        : "attention: none of \(framesWithoutMap) frames had a map: a network is needed whose answer is one (decoder heatmap, not point), that is shown the whole picture (resize stretch or letterbox, not crop) and gives positive numbers (\(way))"
    }
    guard least < 0 else { return nil }
    return
      "attention: the network's numbers go down to \(NumberFormat.short(Double(least), 3)), and what is below 0 counted as nothing: \(way)"
  }

  /// One object; what it holds stands in `docs/analysers.md`.
  public func write(into json: inout JSONWriter) {
    json.object { json in
      json.array("frames") { for frame in frames { write(frame, into: &$0) } }
      write("mean", into: &json) { $0.share }
      write("lift", into: &json) { $0.lift }
      json.array("boxes") { for box in boxes { Self.write(box, into: &$0) } }
      json.object("prior") { json in
        json.field("kind", "gaussian")
        json.field("sigma", settings.priorSigma)
      }
      json.field("exponent", settings.exponent)
      json.field("threshold", settings.threshold)
      json.field("opening", settings.opening)
      json.field("framesWithoutMap", framesWithoutMap)
      json.field("note", ifKnown: note)
      Self.write("map", map, into: &json)
      Self.write("openingMap", openingMap, into: &json)
    }
  }

  private func write(_ frame: Frame, into json: inout JSONWriter) {
    json.object { json in
      json.field("t", frame.time, digits: 6)
      Self.write("center", frame.center, into: &json)
      Self.write("peak", frame.peak, into: &json)
      for (name, value) in [("share", \Share.share), ("area", \Share.area)] {
        json.object(JSONWriter.Name(name)) { json in
          for share in shares[frame.shares] {
            json.field(JSONWriter.Name(ids[share.box]), Double(share[keyPath: value]))
          }
        }
      }
    }
  }

  private func write(
    _ name: JSONWriter.Name, into json: inout JSONWriter, _ value: (Figures) -> Double?
  ) {
    json.object(name) { json in
      for box in boxes { json.field(JSONWriter.Name(box.id), box.whole.flatMap(value)) }
    }
  }

  private static func write(_ name: JSONWriter.Name, _ point: Point, into json: inout JSONWriter) {
    json.array(name) { json in
      json.number(Double(point.x), digits: 5)
      json.number(Double(point.y), digits: 5)
    }
  }

  private static func write(_ box: Box, into json: inout JSONWriter) {
    json.object { json in
      json.field("id", box.id)
      json.field("firstSeen", box.firstSeen, digits: 6)
      json.field("firstAttended", box.firstAttended, digits: 6)
      write("film", box.whole, into: &json)
      write("opening", box.opening, into: &json)
    }
  }

  private static func write(_ name: JSONWriter.Name, _ figures: Figures?, into json: inout JSONWriter) {
    json.field(name) { json in
      guard let figures else { return json.null() }
      json.object { json in
        json.field("visible", figures.visible)
        json.field("share", figures.share)
        json.field("area", figures.area)
        json.field("lift", figures.lift)
        json.field("prior", figures.prior)
        json.field("liftOverPrior", figures.liftOverPrior)
        json.field("attended", figures.attended)
      }
    }
  }

  private static func write(_ name: JSONWriter.Name, _ map: AttentionMap?, into json: inout JSONWriter) {
    json.field(name) { json in
      guard let map else { return json.null() }
      json.object { json in
        json.array("size") { json in
          json.integer(map.size.height)
          json.integer(map.size.width)
        }
        json.array("cells") { for cell in map.cells { $0.integer(Int(cell)) } }
      }
    }
  }
}
