public import Base
internal import CFFmpeg

/// Gives the sound of one file from its beginning to its end, on the axis of its frames' times.
///
/// One channel, 16,000 samples a second, without holes: what the file lacks is silence, what it has twice is dropped, and where samples and
/// timestamps run apart the timestamps win (``SoundClock``). Samples that only prime a decoder are left out, and edit lists are followed, as FFmpeg does.
/// It is always read from the front, so the same file gives the same samples however it is used. One thread at a time; memory does not grow.
public final class SoundReader {
  /// Samples a second.
  public static let rate = 16_000
  /// As far from zero as samples get, where a source overdrives them.
  package static let most: Float = 64
  /// Samples of a block; the last one is shorter.
  public static let blockLength = rate

  public let info: SoundInfo
  public private(set) var tally = SoundTally()

  private let demuxer: Demuxer
  private let sound: SoundStream
  private let decoder: SoundDecoder
  private let packet: Packet
  private var resampler: SoundResampler?
  private var clock: SoundClock
  private var pieces: [Piece] = []
  /// Of the next sample that a block gets, and of the next that is put behind ``pieces``.
  private var (given, end): (Int, Int)
  /// Where what the resampler gives next stands.
  private var place = 0
  private var ending = Ending.reading
  /// Of packets that were read: where the last one ended, and the time that the container merely counted from it.
  private var (counted, guessed) = (Int?.none, Int?.none)

  private enum Piece { case samples(ArraySlice<Float>), silence(Int) }
  private enum Ending { case reading, draining, ended }

  /// Opens the first sound of a film or of a sound file; `nil` where it has none, which is no failure.
  ///
  /// Faults say what is wrong without the path.
  /// - Throws: `badInput` for what is no media file, `unsupported` for other kinds and codecs.
  public static func open(_ file: MediaFile, limits: DecodeLimits = DecodeLimits()) throws(Fault) -> SoundReader? {
    let demuxer = try Demuxer(file, limits: limits, for: .sound)
    guard let sound = try SoundStream(in: demuxer) else { return nil }
    return try SoundReader(demuxer, sound)
  }

  /// The same by a path.
  public static func open(_ path: String, limits: DecodeLimits = DecodeLimits()) throws(Fault) -> SoundReader? {
    try open(MediaFile(path), limits: limits)
  }

  private init(_ demuxer: consuming Demuxer, _ sound: SoundStream) throws(Fault) {
    let picture = demuxer.firstPicture
    let start = demuxer.start(of: sound.index) ?? 0
    // A file of sound begins with its sound; what is said to lie before zero is what primes the decoder.
    let origin = picture == nil ? max(0, start) : 0
    let seen = picture.flatMap { demuxer.start(of: $0) } ?? start
    let earliest = picture == nil ? 0 : min(max(seen, start - Double(SoundLimits.mostSeconds)), start)
    guard abs(earliest) < 1e9 else { throw Fault(.badInput, "the sound's times are broken") }
    let parameters = unsafe sound.stream.pointee.codecpar.pointee
    info = SoundInfo(
      format: demuxer.formatName, codec: unsafe AVError.name(avcodec_get_name(parameters.codec_id)),
      sampleRate: unsafe Int(parameters.sample_rate), channels: unsafe Int(parameters.ch_layout.nb_channels),
      streamIndex: sound.index, first: Int((earliest * Double(Self.rate)).rounded(.down)), hasPicture: picture != nil)
    clock = SoundClock(tick: sound.tick, origin: origin)
    (given, end) = (info.first, info.first)
    decoder = try SoundDecoder(sound)
    packet = try Packet()
    self.sound = sound
    self.demuxer = demuxer
  }

  /// The next block, right behind the one before; `nil` at the end.
  public func next() throws(Fault) -> SoundBlock? {
    let start = given
    var samples: [Float] = []
    samples.reserveCapacity(Self.blockLength)
    while samples.count < Self.blockLength {
      if pieces.isEmpty {
        if ending == .ended { break }
        try advance()
      } else {
        take(&samples)
      }
    }
    given += samples.count
    return samples.isEmpty ? nil : SoundBlock(start: start, samples: samples)
  }

  private func take(_ samples: inout [Float]) {
    let room = Self.blockLength - samples.count
    switch pieces[0] {
    case .samples(let all):
      samples += all.prefix(room)
      if all.count > room { pieces[0] = .samples(all.dropFirst(room)) } else { pieces.removeFirst() }
    case .silence(let count):
      samples += repeatElement(0, count: min(count, room))
      if count > room { pieces[0] = .silence(count - room) } else { pieces.removeFirst() }
    }
  }

  /// Decodes some more, or finds that there is nothing.
  private func advance() throws(Fault) {
    let code = decoder.receive()
    switch code {
    case 0...: try hear(decoder.sound)
    case ridley_av_again where ending == .reading: feed()
    case ridley_av_no_memory: throw .noMemory(to: "decode sound")
    case ridley_av_again, ridley_av_eof: try finish()
    default:
      note(AVError.text(code), pts: nil)
      if ending == .draining { try finish() }
    }
  }

  private func feed() {
    while true {
      let code = unsafe av_read_frame(demuxer.context, packet.packet)
      guard code >= 0 else {
        if code != ridley_av_eof { note(AVError.text(code), pts: nil) }
        ending = .draining
        return decoder.sendEnd()
      }
      defer { packet.drop() }
      // Packets of other streams are dropped here: a demuxer asked to skip them loses count of its time offsets.
      guard packet.streamIndex == sound.index else { continue }
      guard !packet.isCorrupt else { return note("a part of the stream was lost", pts: packet.pts) }
      guessed = packet.pts.flatMap { pts in counted.flatMap { abs($0 - pts) <= 1 ? pts : nil } }
      counted = packet.pts.map { $0 + packet.duration }
      let sent = decoder.send(packet)
      if sent < 0, sent != ridley_av_again { note(AVError.text(sent), pts: packet.pts) }
      return
    }
  }

  private func note(_ reason: String, pts: Int?) {
    tally.corrupt.note(pts: pts, time: pts.map { Double($0) * sound.tick }, reason)
    clock.lose()
  }

  /// Puts what was decoded in its place.
  private func hear(_ decoded: DecodedSound) throws(Fault) {
    guard decoded.count > 0 else { return }
    try SoundLimits.admit(rate: decoded.rate, channels: decoded.channels)
    guard !decoded.isCorrupt else { return note("the sound is damaged", pts: decoded.pts) }
    let time = time(of: decoded).map { Double($0) * sound.tick }
    let step = clock.place(time, count: decoded.count, rate: decoded.rate)
    (tally.corrections, tally.jumps) = (clock.corrections, clock.jumps)
    switch step {
    case .drop: return
    case .follow(let skipped):
      // The same rate in another format, or other channels.
      if resampler?.fits(decoded) != true { try begin(at: nil, decoded) }
      put(try resampler!.push(decoded, skipping: skipped))
    case .begin(let seconds):
      let last = Double(info.first) / Double(Self.rate) + Double(SoundLimits.mostSeconds)
      guard seconds <= last, seconds > -1e9 else {
        note(
          "it is said to be heard \(SoundLimits.mostSeconds / 3600) hours behind the film's beginning", pts: decoded.pts
        )
        ending = .ended
        return
      }
      try begin(at: Int((seconds * Double(Self.rate)).rounded()), decoded)
      put(try resampler!.push(decoded, skipping: 0))
    }
  }

  /// As the packet has it, in the stream's time base.
  ///
  /// Where AAC changes its rate on the way, FFmpeg goes on counting by the old one between the times that the container really has.
  private func time(of decoded: DecodedSound) -> Int? {
    let isOther = info.sampleRate > 0 && decoded.rate != info.sampleRate && decoded.rate != 2 * info.sampleRate
    return isOther && guessed != nil && decoded.pts == guessed ? nil : decoded.pts
  }

  /// What came before is brought to its end, and `decoded` begins at a sample of its own, or right behind.
  private func begin(at start: Int?, _ decoded: DecodedSound) throws(Fault) {
    if let resampler { put(try resampler.drain()) }
    resampler = try SoundResampler(for: decoded)
    place = start ?? end
  }

  private func put(_ samples: [Float]) {
    guard !samples.isEmpty else { return }
    if place > end {
      pieces.append(.silence(place - end))
      tally.filled += place - end
      end = place
    }
    let known = min(samples.count, end - place)
    place += samples.count
    guard known < samples.count else { return }
    // What no sound is, as floating samples may be, is silence.
    pieces.append(.samples(samples[known...].map { $0.isFinite ? min(max($0, -Self.most), Self.most) : 0 }[...]))
    end = place
  }

  private func finish() throws(Fault) {
    if let resampler { put(try resampler.drain()) }
    (resampler, ending) = (nil, .ended)
    let missing = unsafe demuxer.samplesBeyondEnd(sound.stream)
    if missing > 0 {
      let reason = "the file was cut short: \(missing) packets of sound are not in it"
      tally.corrupt.note(pts: nil, time: nil, reason, count: missing)
    }
  }
}
