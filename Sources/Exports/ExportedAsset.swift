public import Base

/// What an export says of the file that was analysed, beside its predictions.
public struct ExportedAsset: Sendable {
  /// What the asset is known by; kept in COCO's `info` and OTIO's metadata.
  public var id: String
  /// Name of the file: EDL's clip and reel, OTIO's media, what COCO's frames are named after.
  public var name: String
  public var isPicture: Bool
  /// The upright picture, in pixels.
  ///
  /// COCO needs it.
  public var size: Size
  /// Seconds; `nil` where it is not known.
  ///
  /// No span ends behind it.
  public var duration: Double?
  /// Frames a second where they are evenly apart; `nil` where that is not known or varies.
  ///
  /// EDL needs it.
  public var frameRate: Ratio?
  /// Seconds of the first frame on the clock of ``FrameStamp/time``: frame 0 of EDL and OTIO.
  public var firstTime: Double
  /// Seconds from one analysed frame to the next, as a rule: the film's length by the number of analysed frames.
  ///
  /// `nil` where every frame was looked at. Spans are made by it.
  public var analysedEvery: Double?
  /// Digest of the pipeline.
  public var pipeline: String
  /// `NAME@sha256:…` of each network.
  public var models: [String]
  /// The classes of the network in its order, where they are known; they give COCO's categories the same numbers in every export.
  public var labels: [String]
  /// The analysis was asked for with a pipeline, so its CSV has the columns of tracks (`RunHeader.tellsTracks`).
  public var tellsTracks: Bool

  public init(
    id: String, name: String, isPicture: Bool, size: Size, duration: Double? = nil, frameRate: Ratio? = nil,
    firstTime: Double = 0, analysedEvery: Double? = nil, pipeline: String = "", models: [String] = [],
    labels: [String] = [], tellsTracks: Bool = false
  ) {
    (self.id, self.name, self.isPicture, self.size, self.duration) = (id, name, isPicture, size, duration)
    (self.frameRate, self.firstTime, self.analysedEvery) = (frameRate, firstTime, analysedEvery)
    (self.pipeline, self.models, self.labels, self.tellsTracks) = (pipeline, models, labels, tellsTracks)
  }

  /// The frame rate, where there is one that can be counted by.
  var evenRate: Ratio? { frameRate.flatMap { $0.isKnown ? $0 : nil } }

  /// Seconds from one analysed frame to the next; 0 where nothing is known of it.
  var usualDistance: Double {
    let distance = analysedEvery ?? evenRate.map { 1 / $0.value } ?? 0
    return distance.isFinite ? max(0, distance) : 0
  }

  /// The name without its last ending.
  var stem: String {
    guard let point = name.lastIndex(of: "."), point > name.startIndex, !name[point...].contains("/") else {
      return name
    }
    return String(name[..<point])
  }
}
