public import Base
internal import CFFmpeg

/// Decodes the picture of one file from front to back.
///
/// Frames come in presentation order, exactly as sequential decoding gives them. The number of threads changes nothing: with
/// the first damage a film is begun anew on one thread, which tells what is damaged, and paints it over, the same way every
/// time. One thread at a time; the frames themselves may go anywhere.
///
/// With a sampling that passes frames over, only the frames that a wanted one is made from are decoded, as far as the
/// codec tells; numbers, times and pictures are those of full decoding. Damage in what is not decoded stays unseen.
public final class MediaReader {
  public let info: MediaInfo
  /// What could not be decoded so far.
  public private(set) var corrupt = CorruptFrames()
  /// Frames that were decoded so far, also those that are not looked at.
  ///
  /// One that was decoded a second time, because decoding began anew, counts once.
  public var framesDecoded: Int { max(decodedHere + (sparse?.decoded ?? 0), replay?.framesDecoded ?? 0) }
  /// Every frame of the video, once the last was given; `nil` before, where it was not asked for, where packets do not tell
  /// the frames, and for a picture.
  public var index: PackedFrameIndex? { replay == nil ? source.indexer?.index : replay!.index }
  /// Seconds of the first frame and of the last one that was gone through, looked at or not.
  public private(set) var covered: (first: Double, last: Double)?

  private let source: Source
  private let sampling: Sampling
  private let indexes: Bool
  private let decoder: Decoder
  private let pictures = PicturePool()
  private var sampler: Sampler
  private var sparse: SelectiveDecoder?
  /// Decodes everything from the start, where decoding little, or on several threads, turned out not to be possible.
  private var replay: MediaReader?
  private(set) var maker: FrameMaker
  private var clock: FrameClock
  private var firstOfPicture: Picture?
  private var ending = Ending.reading
  private var failuresInARow = 0
  private var decodedHere = 0
  /// Found with several threads, which do not reliably tell what.
  private var isDamaged = false
  private var lastGiven = -1
  /// A packet was shown at another time than it was decoded.
  private var tellsShownTimes = false

  private enum Ending { case reading, draining, ended }

  /// Opens a video or a picture.
  ///
  /// `threads` are the decoder's; 0 takes the usual four, and one where frames are passed over, which costs the least.
  /// With `indexes` the packets that go by make ``index``, about a microsecond each.
  /// Faults say what is wrong without the path; put it in front with `Fault.at(_:)`.
  public convenience init(
    _ path: String, sampling: Sampling = .all, threads: Int = 0, limits: DecodeLimits = DecodeLimits(),
    indexes: Bool = false
  ) throws(Fault) {
    try self.init(MediaFile(path), sampling: sampling, threads: threads, limits: limits, indexes: indexes)
  }

  /// The same of a file that is open already; `beforeFilm` is called where it is no picture, before anything decodes it.
  public init(
    _ file: MediaFile, sampling: Sampling = .all, threads: Int = 0, limits: DecodeLimits = DecodeLimits(),
    indexes: Bool = false, beforeFilm: () -> Void = {}
  ) throws(Fault) {
    let source = try Source(file, limits: limits)
    if indexes { source.indexer = FrameIndexer(source, try SourceStamp(file)) }
    (self.sampling, self.indexes) = (sampling, indexes)
    var facts = source.facts
    if !facts.isPicture { beforeFilm() }
    let usual = facts.isPicture ? 1 : threads > 0 ? threads : Decoder.usualThreads
    (self.source, sampler) = (source, Sampler(sampling))
    decoder = try source.decoder(threads: usual)
    clock = source.clock
    let still = facts.isPicture ? try Still(source.demuxer, decoder, source.packet, limits) : nil
    if let tag = still?.orientation { facts.matrix = facts.matrix ?? tag }
    let look = facts.look(source.video, first: still?.picture)
    maker = FrameMaker(facts, look)
    info = MediaInfo(source.demuxer, source.video, facts, look.color, first: still?.picture)
    guard info.codedSize.area > 0 else {
      throw Fault(.badInput, "no picture of this video can be decoded: it is broken, or cut off before the first one")
    }
    firstOfPicture = still?.picture
    if !info.isPicture, sampler.skips(at: info.frameRate) {
      sparse = try SelectiveDecoder(source, sampling, threads: threads > 0 ? threads : 1)
    }
  }

  /// Opens a file of which only the frames that stand alone are wanted, or all.
  public convenience init(
    _ path: String, keyFramesOnly: Bool, threads: Int = 0, limits: DecodeLimits = DecodeLimits()
  ) throws(Fault) {
    try self.init(path, sampling: keyFramesOnly ? .keyFrames : .all, threads: threads, limits: limits)
  }

  /// The next frame that is looked at, or `nil` at the end.
  ///
  /// Broken packets are counted in ``corrupt`` and passed over.
  public func next() throws(Fault) -> Frame? {
    if sparse != nil, replay == nil {
      switch try sparse!.next() {
      case .frame(let picture, let place): return give(maker.frame(picture, source.inCell(place)))
      case .ended:
        if let last = sparse!.last { cover(last.time) }
        finish()
        return nil
      case .lost: try beginAnew(threads: sparse!.isDamaged ? 1 : 0)
      }
    }
    while let frame = try nextOfAll() {
      cover(frame.time)
      guard sampler.wants(time: frame.time, isKeyFrame: frame.isKeyFrame), frame.index > lastGiven else { continue }
      return give(frame)
    }
    if let replay { corrupt = replay.corrupt }
    return nil
  }

  private func give(_ frame: Frame) -> Frame {
    cover(frame.time)
    lastGiven = frame.index
    if let replay { corrupt = replay.corrupt }
    return frame
  }

  private func cover(_ time: Double) { covered = (covered?.first ?? time, max(covered?.last ?? time, time)) }

  private func beginAnew(threads: Int) throws(Fault) {
    replay = try MediaReader(source.file, threads: threads, limits: source.limits, indexes: indexes)
    sampler = Sampler(sampling)
  }

  private func nextOfAll() throws(Fault) -> Frame? {
    if let replay { return try replay.next() }
    if info.isPicture {
      defer { firstOfPicture = nil }
      return firstOfPicture.map(frame)
    }
    let picture = try pictures.take()
    while ending != .ended, !isDamaged {
      try decoder.checkMemory()
      switch decoder.receive(into: picture) {
      case .frame where decoder.isDamaged(picture): isDamaged = true
      case .frame where source.limits.allows(width: picture.size.width, height: picture.size.height):
        failuresInARow = 0
        return frame(picture)
      case .frame: corrupt.note(pts: nil, time: nil, "a picture of \(picture.size) is beyond the limit")
      case .hungry: feed()
      case .ended: finish()
      case .failed(let code): fail(code, pts: nil)
      }
    }
    try decoder.checkMemory()
    guard isDamaged else { return nil }
    try beginAnew(threads: 1)
    return try nextOfAll()
  }

  private func frame(_ picture: Picture) -> Frame {
    let pts = pts(of: picture)
    let place = clock.next(pts: pts, duration: unsafe Int(ridley_av_frame_duration(picture.frame)))
    let frame = maker.frame(picture, source.inCell(place))
    decodedHere += 1
    if frame.isCorrupt { corrupt.note(pts: pts, time: place.time, "the picture is damaged") }
    return frame
  }

  /// What stands with the packet, where packets tell when they are shown beside when they are decoded.
  ///
  /// FFmpeg's best effort takes the decoder's order for the true one as soon as shown times step back, as they do behind a loss.
  private func pts(of picture: Picture) -> Int? {
    let best = unsafe Timestamp.known(picture.frame.pointee.best_effort_timestamp)
    return tellsShownTimes ? unsafe Timestamp.known(picture.frame.pointee.pts) ?? best : best
  }

  /// Gives the decoder its next packet, or tells it that there are no more.
  private func feed() {
    let code = source.read()
    guard code >= 0 else {
      if code != ridley_av_eof { note(code, pts: nil) }
      ending = .draining
      return decoder.sendEnd()
    }
    defer { source.packet.drop() }
    if source.packet.isCorrupt {
      note("a part of the stream before it was lost", pts: source.packet.pts)
      isDamaged = isDamaged || decoder.hasThreads
    }
    tellsShownTimes = tellsShownTimes || source.packet.isReordered
    let sent = decoder.send(source.packet)
    if sent < 0, sent != ridley_av_again { fail(sent, pts: source.packet.pts) }
  }

  private func note(_ code: Int32, pts: Int?) { note(AVError.text(code), pts: pts) }

  private func note(_ reason: String, pts: Int?) {
    corrupt.note(pts: pts, time: pts.map { Double($0) * info.timeBase.value }, reason)
  }

  /// What fails before the first frame, as recordings that begin anywhere do, is told the same way by several threads.
  ///
  /// A decoder that answers nothing but failures after the last packet is not asked for ever.
  private func fail(_ code: Int32, pts: Int?) {
    note(code, pts: pts)
    isDamaged = decoder.hasThreads && decodedHere > 0
    failuresInARow += 1
    if ending == .draining, failuresInARow > 256 { finish() }
  }

  private func finish() {
    guard ending != .ended else { return }
    ending = .ended
    let missing = source.demuxer.samplesBeyondEnd(source.video)
    if missing > 0 {
      corrupt.note(pts: nil, time: nil, "the file was cut short: \(missing) frames are not in it", count: missing)
    }
  }
}
