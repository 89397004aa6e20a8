public import Base
internal import CFFmpeg

/// Decodes the picture of one file from front to back.
///
/// Frames come in presentation order, exactly as sequential decoding gives them. The number of threads changes nothing
/// but what is painted over damaged parts. One thread at a time; the frames themselves may go anywhere.
public final class MediaReader {
  public let info: MediaInfo
  /// What could not be decoded so far.
  public private(set) var corrupt = CorruptFrames()

  private let demuxer: Demuxer
  private let video: VideoStream
  private let decoder: Decoder
  private let packet: Packet
  private let facts: StreamFacts
  private let keyFramesOnly: Bool
  private let limits: DecodeLimits
  private let workspaces = WorkspacePool()
  private var clock: FrameClock
  private var look: Look
  private var firstOfPicture: Picture?
  private var ending = Ending.reading
  private var failuresInARow = 0

  private enum Ending { case reading, draining, ended }

  /// Opens a video or a picture.
  ///
  /// `keyFramesOnly` decodes only the frames that stand alone. `threads` are the decoder's; 0 takes the usual four.
  /// Faults say what is wrong without the path; put it in front with `Fault.at(_:)`.
  public init(
    _ path: String, keyFramesOnly: Bool = false, threads: Int = 0, limits: DecodeLimits = DecodeLimits()
  ) throws(Fault) {
    demuxer = try Demuxer(path, limits: limits)
    video = try VideoStream(in: demuxer)
    try Still.refuseGiants(video.codedSize, limits)
    var facts = StreamFacts(demuxer, video)
    decoder = try Decoder(
      video, threads: facts.isPicture ? 1 : threads > 0 ? threads : Decoder.usualThreads, limits: limits)
    packet = try Packet()
    (self.keyFramesOnly, self.limits) = (keyFramesOnly, limits)
    clock = FrameClock(timeBase: facts.timeBase, frameRate: facts.frameRate)
    let still = facts.isPicture ? try Still(demuxer, decoder, packet, limits) : nil
    if let tag = still?.orientation { facts.matrix = facts.matrix ?? tag }
    look = facts.look(video, first: still?.picture)
    info = MediaInfo(demuxer, video, facts, look.colour, first: still?.picture)
    guard info.codedSize.area > 0 else {
      throw Fault(.badInput, "no picture of this video can be decoded: it is broken, or cut off before the first one")
    }
    self.facts = facts
    firstOfPicture = still?.picture
  }

  /// The next frame, or `nil` at the end.
  ///
  /// Broken packets are counted in ``corrupt`` and passed over.
  public func next() throws(Fault) -> Frame? {
    if info.isPicture {
      defer { firstOfPicture = nil }
      return firstOfPicture.map(frame)
    }
    let picture = try Picture()
    while ending != .ended {
      switch decoder.receive(into: picture) {
      case .frame where limits.allows(width: picture.size.width, height: picture.size.height):
        failuresInARow = 0
        return frame(picture)
      case .frame: corrupt.note(pts: nil, time: nil, "a picture of \(picture.size) is beyond the limit")
      case .hungry: feed()
      case .ended: finish()
      case .failed(let code): fail(code, pts: nil)
      }
    }
    return nil
  }

  private func frame(_ picture: Picture) -> Frame {
    let pts = unsafe Timestamp.known(picture.frame.pointee.best_effort_timestamp)
    let place = clock.next(pts: pts, duration: unsafe Int(ridley_av_frame_duration(picture.frame)))
    let words = ColourWords(picture, stream: facts.words)
    if !look.fits(picture, words) {
      look = Look(format: picture.format, size: picture.size, words: words, isPicture: info.isPicture)
    }
    let frame = Frame(picture, place, facts.geometry(of: picture), look, workspaces)
    if frame.isCorrupt { corrupt.note(pts: pts, time: place.time, "the picture is damaged") }
    return frame
  }

  /// Gives the decoder its next packet, or tells it that there are no more.
  ///
  /// Packets that are not wanted are dropped here: a demuxer asked to skip them loses count of its time offsets.
  private func feed() {
    while true {
      let code = unsafe av_read_frame(demuxer.context, packet.packet)
      guard code >= 0 else {
        if code != ridley_av_eof { fail(code, pts: nil) }
        ending = .draining
        return decoder.sendEnd()
      }
      defer { packet.drop() }
      guard packet.streamIndex == video.index, !keyFramesOnly || packet.isKey else { continue }
      let sent = decoder.send(packet)
      if sent < 0, sent != ridley_av_again { fail(sent, pts: packet.pts) }
      return
    }
  }

  /// A decoder that answers nothing but failures after the last packet is not asked for ever.
  private func fail(_ code: Int32, pts: Int?) {
    corrupt.note(pts: pts, time: pts.map { Double($0) * info.timeBase.value }, Calls.text(code))
    failuresInARow += 1
    if ending == .draining, failuresInARow > 256 { finish() }
  }

  private func finish() {
    ending = .ended
    let missing = keyFramesOnly ? 0 : demuxer.samplesBeyondEnd(video)
    if missing > 0 {
      corrupt.note(pts: nil, time: nil, "the file was cut short: \(missing) frames are not in it", count: missing)
    }
  }
}
