public import Base
internal import CFFmpeg

/// Decodes pictures that come one by one, as a live source sends them, on the caller's thread.
///
/// One thread adds no delay of its own, and costs the least. What cannot be decoded is passed over. The frames may go
/// anywhere.
public final class LiveDecoder {
  public enum Codec: Sendable, Hashable { case h264, hevc, av1, mjpeg }

  /// A picture that was decoded, with what ``decode(_:time:seconds:tag:)`` was told of it.
  public struct Decoded {
    public let frame: Frame
    public let tag: Int
    /// The decoder said that parts are missing or guessed.
    public let isDamaged: Bool
  }

  /// Nothing could be made of the last bytes.
  public private(set) var hasFailed = false
  /// Pictures that were decoded.
  public private(set) var decoded = 0
  /// From now on pictures that no other one is made from are not decoded, as far as the codec tells that.
  public var passesUnreferenced = false {
    didSet {
      if passesUnreferenced != oldValue { decoder.skip(passesUnreferenced ? AVDISCARD_NONREF : AVDISCARD_DEFAULT) }
    }
  }

  private let decoder: Decoder
  private let packet: Packet
  private let pictures = PicturePool()
  private let limits: DecodeLimits
  private var maker: FrameMaker?
  private let facts: StreamFacts
  /// Times of packets whose pictures have not come, by tag; decoders keep few.
  private var times: [(tag: Int, pts: Int, time: Double)] = []
  private static let mostInside = 64

  /// For times of so many ticks a second.
  public init(_ codec: Codec, clockRate: Int, limits: DecodeLimits = DecodeLimits()) throws(Fault) {
    guard let found = unsafe avcodec_find_decoder(codec.id) else {
      throw Fault(.unsupported, "this FFmpeg has no decoder for \(unsafe AVError.name(avcodec_get_name(codec.id)))")
    }
    decoder = unsafe try Decoder(found, threads: 1, limits: limits)
    packet = try Packet()
    facts = StreamFacts(clockRate: clockRate)
    self.limits = limits
  }

  /// Decodes one picture's bytes; gives what comes of them, which may be an earlier picture, none, or several.
  ///
  /// `time` is in ticks and `seconds` by the caller's own count; `tag` comes back with the picture, and rises. Faults are `exhausted`, where there is no memory.
  public func decode(_ bytes: [UInt8], time: Int, seconds: Double, tag: Int) throws(Fault) -> [Decoded] {
    guard !bytes.isEmpty else { return [] }
    try packet.fill(with: bytes.span)
    if times.count >= Self.mostInside { times.removeFirst() }
    times.append((tag, time, seconds))
    hasFailed = decoder.send(packet, tag: tag) < 0
    packet.drop()
    try decoder.checkMemory()
    var found: [Decoded] = []
    while true {
      let picture = try pictures.take()
      guard case .frame = decoder.receive(into: picture) else { return found }
      guard limits.allows(width: picture.size.width, height: picture.size.height), let decoded = make(picture) else {
        continue
      }
      found.append(decoded)
    }
  }

  private func make(_ picture: Picture) -> Decoded? {
    guard let tag = picture.tag, let known = times.firstIndex(where: { $0.tag == tag }) else { return nil }
    let told = times.remove(at: known)
    var maker =
      self.maker
      ?? FrameMaker(
        facts,
        PixelInterpretation(
          format: picture.format, size: picture.size, tags: ColorTags(picture, stream: facts.tags), isPicture: false))
    defer { self.maker = maker }
    let place = FramePlace(index: decoded, pts: told.pts, time: told.time)
    decoded += 1
    return Decoded(frame: maker.frame(picture, place), tag: tag, isDamaged: picture.isCorrupt)
  }
}
