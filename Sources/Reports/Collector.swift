public import Base
public import Predictions

/// Everything a report says about one file, gathered frame by frame in memory that does not grow with the video.
///
/// Fed with every analysed frame in the order of time, also those in which nothing was found. Bounds: 600 bins,
/// 1024 labels (the rest is pooled as "other"), 24 pictures.
public struct Collector: Sendable {
  /// Analysed frames, those in which something was found, and all that was found.
  public private(set) var frames = 0
  public private(set) var framesWithPredictions = 0
  public private(set) var predictions = 0
  public private(set) var timeline = Timeline()
  public private(set) var gallery = Gallery()
  private var tallies: [LabelTally] = []
  private var places = LabelPlaces()
  private var tracks = TrackCount()

  public init() {}

  public mutating func add(_ stamp: FrameStamp, _ found: [Prediction]) {
    frames += 1
    if !found.isEmpty { framesWithPredictions += 1 }
    predictions += found.count
    timeline.add(time: stamp.time, found)
    for prediction in found {
      let row = place(of: prediction.heading)
      tallies[row].add(score: prediction.score, at: stamp)
      let (more, less) = tracks.add(prediction, row: row, frame: stamp.index)
      if let more { tallies[more].objects += 1 }
      if let less { tallies[less].objects -= 1 }
    }
  }

  /// Whether this frame would be one of the kept examples; asked before the picture is made.
  public mutating func wantsPicture(_ stamp: FrameStamp, _ found: [Prediction]) -> Bool {
    // A classification names several classes; a picture stands for the first of them.
    gallery.wants(stamp, Self.shown(found))
  }

  /// Keeps the picture, a JPEG of `size` pixels, in place of the one it beats; ignored when it is not wanted.
  public mutating func add(picture jpeg: [UInt8], size: Size, _ stamp: FrameStamp, _ found: [Prediction]) {
    gallery.add(jpeg, size: size, stamp, Self.shown(found))
  }

  /// Makes the kept pictures anew, where they were kept without: in the order of time.
  public mutating func fillPictures(_ make: (FrameStamp) throws(Fault) -> ([UInt8], Size)) throws(Fault) {
    try gallery.fill(make)
  }

  /// Most frequent first; by name where equal.
  public var labels: [LabelTally] {
    tallies.filter { $0.count > 0 }.sorted { ($1.count, $0.label) < ($0.count, $1.label) }
  }

  private static func shown(_ found: [Prediction]) -> [Prediction] {
    guard found.first?.kind == .classification else { return found }
    return found.max { $0.strength < $1.strength }.map { [$0] } ?? []
  }

  private mutating func place(of label: String) -> Int {
    let row = places.row(of: label)
    if row.index == tallies.count { tallies.append(LabelTally(label: row.label)) }
    return row.index
  }
}
