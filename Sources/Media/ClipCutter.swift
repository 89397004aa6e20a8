public import Base
internal import CFFmpeg

/// Cuts a film into clips that show exactly the frames asked for, picture and sound as the film has them: nothing is coded anew.
///
/// A clip holds packets from the last entry at or before its first frame on, and an edit list (``EditList``) says that it begins later; so players
/// that follow edit lists show those frames and no other. The film is gone through once for all clips, and before that where there is no index of it or H.264 tells no times; memory grows with the clips that are open at a time.
public final class ClipCutter {
  /// Frames by their numbers, and where the clip goes; what stands there is replaced.
  public struct Clip: Sendable, Hashable {
    public var frames: ClosedRange<Int>
    public var path: String

    public init(frames: ClosedRange<Int>, path: String) { (self.frames, self.path) = (frames, path) }
  }

  /// Clips that may be open at a time.
  private static let mostOpen = 100

  /// `mp4`, or `mov` where MP4 has no place for what is in the film.
  public var ending: String { format.rawValue }
  /// Codecs of sounds that clips cannot hold, and lack.
  public let leftOut: [String]
  /// Sounds that they have.
  public var soundCount: Int { streams.count - 1 }

  private let file: MediaFile
  private let demuxer: Demuxer
  private let index: FrameIndex
  private let format: ClipFormat
  /// The picture first.
  private let streams: [Int]
  private let packet: Packet
  private let limits: DecodeLimits
  private let codec: AVCodecID
  /// Pictures that may be decoded before one that is shown earlier.
  private let delay: Int

  /// Opens the film; `index` is of it, where one is there.
  ///
  /// Faults: its packets do not tell its frames, or no clip can hold its pictures.
  public init(_ path: String, index packed: PackedFrameIndex? = nil, limits: DecodeLimits = DecodeLimits())
    throws(Fault)
  {
    file = try MediaFile(path)
    self.limits = limits
    let stamp = try SourceStamp(file)
    var index = packed.map { FrameIndex($0, of: stamp) }
    if index == nil { index = try FrameIndex.fromPackets(file, limits) }
    guard let index, index.isFromPackets, index.times.isEmpty, !index.frames.isEmpty else {
      throw Self.refusal("its packets do not tell its frames")
    }
    self.index = index
    // As sound is read, so that all that is known of it is known here too.
    demuxer = try Demuxer(file, limits: limits, for: .sound)
    let video = try VideoStream(in: demuxer)
    packet = try Packet()
    let codec = unsafe video.stream.pointee.codecpar.pointee.codec_id
    self.codec = codec
    delay = unsafe Int(max(0, video.stream.pointee.codecpar.pointee.video_delay))
    let sounds = Self.sounds(demuxer)
    let fit = ClipFormat.allCases.filter { $0.takes(codec) }
    guard let first = fit.first else {
      throw Self.refusal("neither MP4 nor QuickTime has a place for \(Self.name(codec))")
    }
    let format = fit.first { format in sounds.allSatisfy { format.takes($0.codec) } } ?? first
    self.format = format
    streams = [video.index] + sounds.filter { format.takes($0.codec) }.map(\.index)
    leftOut = sounds.filter { !format.takes($0.codec) }.map { Self.name($0.codec) }
  }

  /// Of a film that has to be converted first.
  static func refusal(_ why: String) -> Fault {
    Fault(
      .unsupported,
      "clips cannot be cut of this film without coding it anew, as \(why): convert it first, such as with ffmpeg -i FILM -c:v libx264 -c:a aac new.mp4"
    )
  }

  private static func name(_ codec: AVCodecID) -> String { unsafe AVError.name(avcodec_get_name(codec)) }

  /// All sounds of kinds that are read.
  private static func sounds(_ demuxer: borrowing Demuxer) -> [(index: Int, codec: AVCodecID)] {
    let kinds = Set(Formats.sounds.map(\.reader))
    return (0..<demuxer.streamCount).compactMap { index in
      let codec = unsafe demuxer.stream(index).pointee.codecpar!
      let (kind, id, rate) = unsafe (codec.pointee.codec_type, codec.pointee.codec_id, codec.pointee.sample_rate)
      guard kind == AVMEDIA_TYPE_AUDIO, rate > 0, kinds.contains(name(id)) else { return nil }
      return (index, id)
    }
  }

  /// Frames of the film.
  public var frameCount: Int { index.count }

  /// About how many bytes the clips take together: those of the film, by the share of its packets, those that are not shown among them.
  public func byteCount(of clips: [Clip]) -> Int {
    let packets = clips.reduce(0) { $0 + (plan($1).map { $0.packets.count } ?? 0) }
    return Int(Double(file.byteCount) * Double(packets) / Double(max(1, index.frames.count)))
  }

  /// Writes the clips, and reads each back: that it shows so many frames, each as long after the first as in the film.
  ///
  /// They are in order, without a frame in common. `progress` gets the share of the film that is done. What was begun when a fault is thrown is taken away; clips that are whole stay.
  public func cut(_ clips: [Clip], progress: (Double) throws(Fault) -> Void = { (_) throws(Fault) in }) throws(Fault) {
    let beginnings = try beginnings(of: clips)
    var plans: [ClipPlan] = []
    for clip in clips {
      guard let plan = plan(clip, beginnings) else {
        throw Fault(.badInput, "frames \(clip.frames.lowerBound) to \(clip.frames.upperBound) are not in this film")
      }
      if codec == AV_CODEC_ID_AV1, Int(index.packets[clip.frames.lowerBound]) != plan.packets.lowerBound {
        throw Self.refusal("players that stand on FFmpeg before 6.0 show what an edit list of AV1 leaves out")
      }
      plans.append(plan)
    }
    var run = ClipRun(plans, sounds: Array(streams.dropFirst()))
    run.beginnings = beginnings
    defer { run.abandon() }
    var (ordinal, decoded) = (-1, DecodingTimes?.none)
    while true {
      let code = unsafe av_read_frame(demuxer.context, packet.packet)
      guard code >= 0 else { break }
      defer { packet.drop() }
      if packet.streamIndex == streams[0] {
        ordinal += 1
        if ordinal == 0, unsafe Timestamp.known(packet.packet.pointee.dts) == nil { decoded = DecodingTimes(index) }
        try take(picture: ordinal, decoded: decoded?.time(of: ordinal), &run)
        if ordinal % 64 == 0 { try progress(Double(ordinal) / Double(max(1, index.frames.count))) }
      } else if streams.contains(packet.streamIndex) {
        try takeSound(&run)
      }
      try finish(&run, isAtEnd: false)
    }
    try finish(&run, isAtEnd: true)
    try progress(1)
  }

  private func take(picture ordinal: Int, decoded: Int?, _ run: inout ClipRun) throws(Fault) {
    try open(&run) { $0.packets.lowerBound <= ordinal }
    let frame = index.frames.indices.contains(ordinal) ? Int(index.frames[ordinal]) : -1
    for clip in run.open where clip.plan.packets.contains(ordinal) {
      let isLast = frame == clip.plan.frames.upperBound
      let lasting = isLast ? clip.plan.end - index.timestamps[frame] : nil
      // Readers of edit lists begin at the last key frame there is before what is shown.
      let isKey = run.beginnings.map { $0.contains(ordinal) || ordinal == clip.plan.packets.lowerBound }
      try clip.muxer.write(packet, isKey: isKey, decoded: decoded, lasting: lasting)
    }
    run.picture = ordinal
    if frame >= 0 { run.pictureTime = max(run.pictureTime, index.time(of: frame)) }
  }

  private func takeSound(_ run: inout ClipRun) throws(Fault) {
    guard let pts = packet.pts else { return }
    let stream = unsafe demuxer.stream(packet.streamIndex)
    let tick = unsafe Ratio(stream.pointee.time_base).value
    let (start, end) = (Double(pts) * tick, Double(pts + max(1, packet.duration)) * tick)
    try open(&run) { $0.soundStart < end }
    if run.passed.contains(where: { start < $0.seconds.upperBound && end > $0.seconds.lowerBound }) {
      throw Fault(
        .unsupported,
        "sound and picture lie far apart in this file: bring them together first, such as with ffmpeg -i FILM -c copy new.mkv"
      )
    }
    for clip in run.open where clip.plan.soundStart < end && clip.plan.seconds.upperBound > start {
      try clip.muxer.write(packet)
    }
    run.soundTimes[packet.streamIndex] = end
  }

  private func open(_ run: inout ClipRun, where isWanted: (ClipPlan) -> Bool) throws(Fault) {
    while let plan = run.next, isWanted(plan) {
      guard run.open.count < Self.mostOpen else {
        throw Self.refusal(
          "more than \(Self.mostOpen) of them overlap in the file, where key frames or sound and picture lie far apart")
      }
      do throws(Fault) {
        let muxer = try ClipMuxer(
          plan.staging, named: plan.path, format, streams: streams, of: demuxer, start: plan.start,
          length: plan.end - plan.start)
        run.begin(plan, muxer)
      } catch {
        // The run does not know it, so that nobody else would take it away.
        try? FileSystem.remove(plan.staging)
        throw error
      }
    }
  }

  private func finish(_ run: inout ClipRun, isAtEnd: Bool) throws(Fault) {
    while let clip = run.over(isAtEnd: isAtEnd) {
      try clip.muxer.finish()
      try check(clip.plan)
      try FileSystem.move(clip.plan.staging, to: clip.plan.path)
      run.end(clip)
    }
  }

  private func check(_ plan: ClipPlan) throws(Fault) {
    let (back, first) = (try FrameIndex(MediaFile(plan.staging), limits: limits), plan.frames.lowerBound)
    let isSame =
      back.count == plan.frames.count
      && plan.frames.enumerated().allSatisfy { place, frame in
        let (here, there) = (back.time(of: place) - back.time(of: 0), index.time(of: frame) - index.time(of: first))
        return (here - there).magnitude < 1e-5
      }
    guard !isSame else { return }
    throw Self.refusal(
      "the one of frames \(first) to \(plan.frames.upperBound) reads back as \(back.count) frames or at other times, and was taken away"
    )
  }

  /// Entries of H.264, by their packets, at which all pictures begin anew; of other codecs all do.
  ///
  /// FFmpeg's decoder that begins at another entry leaves out what it decodes before it shows that entry's own picture.
  private func beginnings(of clips: [Clip]) throws(Fault) -> Set<Int>? {
    guard codec == AV_CODEC_ID_H264, delay > 0 else { return nil }
    let last = clips.map { $0.frames.upperBound }.max() ?? 0
    let (source, end) = (try Source(file, limits: limits), Int(index.packets[min(max(0, last), index.count - 1)]))
    guard let parser = PictureParser(source.video) else { return [] }
    var (found, ordinal) = (Set<Int>(), 0)
    while ordinal <= end, source.read() >= 0 {
      if parser.understand(source.packet)?.startsSequence == true { found.insert(ordinal) }
      source.packet.drop()
      ordinal += 1
    }
    return found
  }

  /// Where decoding begins for a clip, so that every player has all of its frames.
  private func entry(for clip: Clip, _ beginnings: Set<Int>?) -> Int? {
    guard var entry = index.entry(for: clip.frames.lowerBound) else { return nil }
    guard let beginnings else { return entry }
    let shown = clip.frames.prefix(delay + 2).reduce(Int.max) { min($0, Int(index.packets[$1])) }
    while entry > 0, !beginnings.contains(index.entries[entry].ordinal),
      shown <= index.entries[entry].ordinal + delay + 2
    {
      entry -= 1
    }
    return entry
  }

  /// `nil` where the film has no such frames.
  private func plan(_ clip: Clip, _ beginnings: Set<Int>? = nil) -> ClipPlan? {
    let (first, last) = (clip.frames.lowerBound, clip.frames.upperBound)
    guard first >= 0, last < index.count, let entry = entry(for: clip, beginnings) else { return nil }
    let from = index.entries[entry].ordinal
    let to = clip.frames.reduce(from) { max($0, Int(index.packets[$1])) }
    let start = index.timestamps[first]
    // Behind the film's last frame as long again as before it.
    let usual = last > 0 ? index.timestamps[last] - index.timestamps[last - 1] : 1
    let end = last + 1 < index.count ? index.timestamps[last + 1] : index.timestamps[last] + usual
    guard end > start else { return nil }
    let tick = index.timeBase.value
    return ClipPlan(
      frames: clip.frames, packets: from...to, start: start, end: end,
      seconds: Double(start) * tick...Double(end) * tick, path: clip.path,
      staging: FileSystem.staging(for: clip.path))
  }
}
