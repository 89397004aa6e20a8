internal import Base
internal import Catalog
internal import Items
internal import Predictions

/// Makes stretches of time of what a film's frames show, one after the other; pure.
///
/// A label that is seen again within the gap is one stretch; an object that is followed is one, whether it was hidden meanwhile or not. Where only
/// changes are told, a stretch lasts from one to the other.
struct SightFold {
  /// A stretch in seconds of the film.
  struct Sight {
    let label: String?
    let text: String?
    let track: Int?
    let model: String
    var first: Double
    var last: Double
    var score: Float?
    var best: Double
    var box: Rect?
    var traits: [String] = []
    /// It is so until the contrary is told.
    var isHeld = false
  }

  private struct Key: Hashable {
    let label: [UInt8]?
    let text: [UInt8]?
    let track: Int?
    let model: [UInt8]
  }

  /// Seconds.
  private let gap: Double
  private let most: Int
  /// When those began that are more than are kept, in seconds; of what is too much nothing else is remembered.
  private(set) var cut: ClosedRange<Double>?
  private var open: [Key: Int] = [:]
  private(set) var sights: [Sight] = []
  private var frame: [PredictionRow] = []

  init(gap: Double, most: Int = .max) { (self.gap, self.most) = (gap, most) }

  /// Takes what one network says of a frame; call it in the order of the frames.
  mutating func add(_ row: PredictionRow) {
    if let last = frame.last, last.stamp.index != row.stamp.index { settle() }
    frame.append(row)
  }

  /// In the order of their beginnings; what was not told to have ended lasts until then, in seconds.
  mutating func finish(at end: Double) -> [Sight] {
    settle()
    for place in open.values where sights[place].isHeld { sights[place].last = max(sights[place].last, end) }
    open = [:]
    return sights.enumerated().sorted { ($0.element.first, $0.offset) < ($1.element.first, $1.offset) }.map(\.element)
  }

  private mutating func settle() {
    defer { frame = [] }
    var places: [Int: Int] = [:]
    for (place, row) in frame.enumerated() {
      let one = row.prediction
      if let parent = one.parent.flatMap({ places[$0] }), one.kind == .classification {
        add(trait: one.label, to: parent)
      } else if Self.isSight(one) {
        places[place] = note(row)
      }
    }
  }

  private static func isSight(_ prediction: Prediction) -> Bool {
    switch prediction.kind {
    case .classification, .detection, .segmentation, .pose, .anomaly: prediction.label != nil
    case .text: prediction.text != nil || prediction.label != nil
    case .saliency, .score, .embedding, .tensor, .shotBoundary: false
    }
  }

  private mutating func add(trait: String?, to place: Int) {
    guard let trait, sights[place].traits.count < Moment.mostTraits,
      case let trait = trait.asName, !sights[place].traits.contains(where: { $0.hasSameBytes(as: trait) })
    else { return }
    sights[place].traits.append(trait)
  }

  /// Where its stretch is; `nil` where there is no room for a new one.
  private mutating func note(_ row: PredictionRow) -> Int? {
    let (one, time) = (row.prediction, row.stamp.time)
    let label = one.label?.asName
    let text = one.text?.cut(toBytes: Moment.mostTextBytes)
    let key = Key(
      label: label.map { Array($0.utf8) }, text: text.map { Array($0.utf8) }, track: one.track,
      model: Array(row.model.utf8))
    if let place = open[key], one.track != nil || sights[place].isHeld || time - sights[place].last <= gap {
      extend(place, by: one, at: time)
      if one.state == .off { open[key] = nil }
      return place
    }
    guard sights.count < most else {
      let first = one.span?.lowerBound ?? time
      cut = min(cut?.lowerBound ?? first, first)...max(cut?.upperBound ?? first, first)
      return nil
    }
    var sight = Sight(label: label, text: text, track: one.track, model: row.model, first: time, last: time, best: time)
    (sight.score, sight.box, sight.isHeld) = (one.score, one.box, one.state == .on)
    if let span = one.span { (sight.first, sight.last) = (span.lowerBound, span.upperBound) }
    sights.append(sight)
    open[key] = one.state == .off ? nil : sights.count - 1
    return sights.count - 1
  }

  private mutating func extend(_ place: Int, by one: Prediction, at time: Double) {
    // What went was there until it was seen last, where that is told.
    sights[place].last = max(sights[place].last, one.state == .off ? one.span?.upperBound ?? time : time)
    if let span = one.span { sights[place].first = min(sights[place].first, span.lowerBound) }
    guard let score = one.score, score.isFinite, score > sights[place].score ?? -.infinity else { return }
    (sights[place].score, sights[place].best, sights[place].box) = (score, time, one.box)
  }
}

extension String {
  /// As it fits into the keys of every index, whatever characters it has.
  var asName: String { cut(toBytes: 200) }

  /// At most so many bytes of it, whole characters.
  func cut(toBytes count: Int) -> String {
    guard utf8.count > count else { return self }
    var end = utf8.index(startIndex, offsetBy: count)
    while String.Index(end, within: unicodeScalars) == nil { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}
