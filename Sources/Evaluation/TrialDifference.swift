public import Base
public import Predictions

/// One thing that two versions tell otherwise.
public struct TrialDifference: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Only the newer version has it.
    case appeared
    /// Only the older version has it.
    case gone
    /// Both have it under one label, at places that overlap too little.
    case moved
    /// Both have it, under different labels.
    case relabelled
    /// Both have it, with scores that are too far apart.
    case rescored
  }

  /// Of the run: a path, or an asset's id.
  public let file: String
  public let frame: Int
  /// Seconds from the start of the file.
  public let time: Double
  public let kind: Kind
  public let older: Prediction?
  public let newer: Prediction?
  /// How much it matters, 0 to 1.
  ///
  /// Of what came, went or changed its label the score, the greater of two; of what moved what the overlap lacks to 1; of what is scored
  /// otherwise the difference.
  public let size: Double

  public init(
    file: String, frame: Int, time: Double, kind: Kind, older: Prediction?, newer: Prediction?, size: Double
  ) {
    (self.file, self.frame, self.time, self.kind) = (file, frame, time, kind)
    (self.older, self.newer, self.size) = (older, newer, size)
  }

  /// Intersection over union of both boxes; `nil` where one has none.
  public var overlap: Double? { older.flatMap { older in newer.flatMap { Self.overlap(older, $0) } } }

  static func overlap(_ a: Prediction, _ b: Prediction) -> Double? {
    a.box.flatMap { one in b.box.map { one.iou($0) } }
  }

  /// What it is about, where both boxes are: in fractions of the picture; all of it where there is no box.
  public var region: Rect {
    let boxes = [older?.box, newer?.box].compactMap(\.self)
    guard let first = boxes.first else { return .unit }
    return boxes.dropFirst().reduce(first) {
      Rect(
        left: min($0.x, $1.x), top: min($0.y, $1.y), right: max($0.right, $1.right),
        bottom: max($0.bottom, $1.bottom))
    }
  }

  /// Members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.field("file", file)
    json.field("frame", frame)
    json.field("time", time, digits: 6)
    json.field("kind", kind.rawValue)
    json.field("size", size, digits: 6)
    json.field("overlap", ifKnown: overlap, digits: 6)
    for (name, side) in [("older", older), ("newer", newer)] as [(JSONWriter.Name, Prediction?)] {
      guard let side else { continue }
      json.object(name) { json in
        json.field("label", side.label)
        json.field("score", ifKnown: side.score.map(Double.init), digits: 6)
        guard let box = side.box else { return }
        json.array("box") { json in
          for side in [box.x, box.y, box.width, box.height] { json.number(side, digits: 5) }
        }
      }
    }
  }
}
