public import Base
internal import CFFmpeg

/// Decodes the picture of one file from front to back.
///
/// Frames come in presentation order, exactly as sequential decoding gives them, whatever the number of threads. One
/// thread at a time; the frames themselves may go anywhere.
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
  private let workspaces = WorkspacePool()
  private var clock: FrameClock
  private var firstOfPicture: Picture?
  private var ending = Ending.reading
  private var failuresInARow = 0

  private enum Ending { case reading, draining, ended }

  /// Opens a video or a picture.
  ///
  /// - Parameters:
  ///   - keyFramesOnly: decode only the frames that stand alone.
  ///   - threads: for the decoder; 0 takes one a processor, four at most.
  ///
  /// Faults say what is wrong without the path; put it in front with `Fault.at(_:)`.
  public init(
    _ path: String, keyFramesOnly: Bool = false, threads: Int = 0, limits: DecodeLimits = DecodeLimits()
  ) throws(Fault) {
    demuxer = try Demuxer(path, limits: limits)
    video = try VideoStream(in: demuxer)
    try MediaReader.refuseGiants(video, limits)
    facts = StreamFacts(demuxer, video)
    decoder = try Decoder(
      video, threads: facts.isPicture ? 1 : threads > 0 ? threads : Decoder.usualThreads, limits: limits)
    packet = try Packet()
    self.keyFramesOnly = keyFramesOnly
    clock = FrameClock(timeBase: facts.timeBase, frameRate: facts.frameRate)
    let first = facts.isPicture ? try MediaReader.still(demuxer, video, decoder, packet, limits) : nil
    info = MediaInfo(demuxer, video, facts, first: first)
    firstOfPicture = first
    if keyFramesOnly { unsafe video.stream.pointee.discard = AVDISCARD_NONKEY }
  }

  /// The next frame, or `nil` at the end. Broken packets are counted in ``corrupt`` and passed over.
  public func next() throws(Fault) -> Frame? {
    if info.isPicture {
      defer { firstOfPicture = nil }
      return firstOfPicture.map(frame)
    }
    let picture = try Picture()
    while ending != .ended {
      switch decoder.receive(into: picture) {
      case .frame:
        failuresInARow = 0
        return frame(picture)
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
    let codec = unsafe video.stream.pointee.codecpar.pointee
    let colour = unsafe Colour(
      picture, stream: Colour.Words(space: codec.color_space, range: codec.color_range), isPicture: info.isPicture)
    let frame = Frame(picture, place, facts.geometry(of: picture), colour, workspaces)
    if frame.isCorrupt { corrupt.note(pts: pts, time: place.time, "the picture is damaged") }
    return frame
  }

  /// Gives the decoder its next packet, or tells it that there are no more.
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

  private static func refuseGiants(_ video: VideoStream, _ limits: DecodeLimits) throws(Fault) {
    let codec = unsafe video.stream.pointee.codecpar.pointee
    let size = unsafe Size(width: Int(codec.width), height: Int(codec.height))
    guard limits.allows(width: size.width, height: size.height) else {
      throw Fault(.exhausted, "the picture has \(size) pixels, more than the limit of \(limits.maxPixels): scale it down")
    }
  }

  /// Decodes a still at once, because only the decoder knows its size and how it is turned.
  private static func still(
    _ demuxer: borrowing Demuxer, _ video: VideoStream, _ decoder: borrowing Decoder, _ packet: borrowing Packet,
    _ limits: DecodeLimits
  ) throws(Fault) -> Picture {
    let picture = try Picture()
    var cause = "no picture"
    var ended = false
    for _ in 0..<1024 {
      switch decoder.receive(into: picture) {
      case .frame:
        guard limits.allows(width: picture.size.width, height: picture.size.height) else {
          throw Fault(.exhausted, "the picture has \(picture.size) pixels, more than the limit: scale it down")
        }
        return picture
      case .failed(let code): cause = Calls.text(code)
      case .ended:
        throw Fault(
          .badInput, "the picture is broken, or has more pixels than the limit of \(limits.maxPixels)", cause: cause)
      case .hungry:
        if !ended { ended = unsafe av_read_frame(demuxer.context, packet.packet) < 0 }
        if ended { decoder.sendEnd(); continue }
        let sent = decoder.send(packet)
        if sent < 0 { cause = Calls.text(sent) }
        packet.drop()
      }
    }
    throw Fault(.badInput, "the picture is broken", cause: cause)
  }
}
