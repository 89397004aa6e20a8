public import Base

/// A smaller copy of a film, of fewer frames where that is wished: quick to decode, and to be looked at in its place.
///
/// Without sound. Every frame shows one frame of the film, at that frame's time; coordinates in fractions of the picture mean the same in both.
public struct Rendition: Sendable {
  public typealias Settings = RenditionSettings

  /// What one frame of it shows.
  public struct Origin: Sendable, Hashable {
    /// Number of the frame in the film.
    public var index: Int
    public var pts: Int?
    /// Seconds, in the film.
    public var time: Double

    public init(index: Int, pts: Int?, time: Double) { (self.index, self.pts, self.time) = (index, pts, time) }
  }

  public let size: Size
  /// One for each frame, in order.
  public let origins: [Origin]
  /// What of the film could not be decoded.
  public let corrupt: CorruptFrames
  /// Seconds of the film's first frame and of its last one, shown or not.
  public let covered: ClosedRange<Double>
  /// Every frame of the film; `nil` where its packets do not tell them.
  public let index: PackedFrameIndex?

  init(
    size: Size, origins: [Origin], corrupt: CorruptFrames, covered: ClosedRange<Double>, index: PackedFrameIndex?
  ) {
    (self.size, self.origins, self.corrupt) = (size, origins, corrupt)
    (self.covered, self.index) = (covered, index)
  }

  /// Makes one of the film at `path` and puts it at `target`, where it replaces what stands there once it is whole; `isInPlace` as in ``VideoWriter``.
  ///
  /// The same film gives the same bytes where encoder and libraries are the same: one thread encodes. `progress` gets the seconds of each
  /// frame. Faults: it is no film, no encoder is there, or what was written does not read back as so many frames.
  public static func make(
    of path: String, at target: String, _ settings: Settings, isInPlace: Bool = false,
    limits: DecodeLimits = DecodeLimits(),
    progress: (Double) throws(Fault) -> Void = { (_) throws(Fault) in }
  ) throws(Fault) -> Rendition {
    let reader = try MediaReader(path, sampling: settings.sampling, limits: limits, indexes: true)
    let info = reader.info
    guard !info.isPicture else { throw Fault(.badInput, "this is a picture, and only films have lighter renditions") }
    let rate = settings.fps.map { Ratio(Int(($0 * 1000).rounded()), 1000) } ?? info.frameRate
    let size = settings.size(of: info.size)
    let writer = try VideoWriter(target, size: size, timeBase: info.timeBase, frameRate: rate, isInPlace: isInPlace)
    var (origins, first) = ([Origin](), 0)
    while let frame = try reader.next() {
      let tick = frame.pts ?? Int((frame.time / info.timeBase.value).rounded())
      // Players and muxers want no time below zero.
      if origins.isEmpty { first = min(0, tick) }
      try writer.append(rgb: try frame.rgb(size: size), pts: tick - first)
      origins.append(Origin(index: frame.index, pts: frame.pts, time: frame.time))
      try progress(frame.time)
    }
    guard !origins.isEmpty else { throw Fault(.badInput, "no frame of this film can be decoded") }
    try writer.finish()
    let written = try FrameIndex(target, limits: limits).count
    guard written == origins.count else {
      if !isInPlace { try FileSystem.remove(target) }
      throw Fault(.unsupported, "the rendition reads back as \(written) frames, where \(origins.count) were written")
    }
    let covered = reader.covered ?? (0, 0)
    return Rendition(
      size: size, origins: origins, corrupt: reader.corrupt, covered: covered.first...max(covered.first, covered.last),
      index: reader.index)
  }

  /// The frames of a film that a rendition shows, by the film's index, without decoding: what ``make(of:at:_:limits:progress:)`` told, for
  /// a film without damage.
  public static func origins(in index: FrameIndex, _ settings: Settings) -> [Origin] {
    var sampler = Sampler(settings.sampling)
    return (0..<index.count).compactMap { number in
      let record = index[number]
      guard sampler.wants(time: record.time, isKeyFrame: record.isKeyFrame) else { return nil }
      return Origin(index: number, pts: record.pts, time: record.time)
    }
  }
}

extension RenditionSettings {
  /// Everything that decides the bytes of a rendition but the film itself: settings, encoder, libraries.
  ///
  /// `nil` where no encoder is there.
  public var identity: String? {
    guard let encoder = H264.identity else { return nil }
    let rate = fps.map { "\($0) frames a second" } ?? "all frames"
    return "rendition-1, \(height) lines, \(rate), \(encoder), \(MediaLibraries.version)"
  }
}
