internal import Base
internal import CFFmpeg

/// One clip being written: packets of a film as they are, with their times counted from the clip's first frame.
///
/// What lies before that has times below zero, which the muxer turns into an edit list; what lies behind the clip's end is cut off by ``finish()``.
@safe final class ClipMuxer {
  /// A stream of the film, and the clip's own.
  @safe private struct Track {
    let source: UnsafeMutablePointer<AVStream>
    let target: UnsafeMutablePointer<AVStream>
    /// The clip's beginning, in the source's time base.
    let origin: Int64
    /// Where the last packet of sound ended, in samples.
    var last = ridley_av_no_pts
  }

  /// Ticks a second of a film's clock are so many at least, so that sound is placed to the tenth of a millisecond.
  private static let leastScale = 48_000

  private let path: String
  /// What faults call it.
  private let name: String
  private let context: UnsafeMutablePointer<AVFormatContext>
  private let packet: Packet
  private var tracks: [Int: Track] = [:]
  private let length: Int
  private let scale: Int

  /// `streams` are those of the film by their numbers, the picture first; `start` and `length` count ticks of the picture's time base.
  init(
    _ path: String, named name: String, _ format: ClipFormat, streams: [Int], of demuxer: borrowing Demuxer, start: Int,
    length: Int
  ) throws(Fault) {
    let timeBase = unsafe Ratio(demuxer.stream(streams[0]).pointee.time_base)
    let multiple = (Self.leastScale + timeBase.denominator - 1) / timeBase.denominator
    (self.name, self.path, self.length, scale) = (
      name, path, length * timeBase.numerator * multiple, timeBase.denominator * multiple
    )
    packet = try Packet()
    var context: UnsafeMutablePointer<AVFormatContext>?
    try AVError.require(
      unsafe avformat_alloc_output_context2(&context, nil, format.rawValue, "file:" + path), "write clips")
    unsafe self.context = context!
    for index in streams {
      let source = unsafe demuxer.stream(index)
      guard let target = unsafe avformat_new_stream(context, nil) else { throw .noMemory(to: "write clips") }
      unsafe try Self.describe(target, as: source, for: context!)
      let origin = unsafe av_rescale_q(Int64(start), timeBase.c, source.pointee.time_base)
      tracks[index] = unsafe Track(source: source, target: target, origin: origin)
    }
    try AVError.require(
      unsafe avio_open2(&context!.pointee.pb, "file:" + path, AVIO_FLAG_WRITE, nil, nil), "write \(name)")
    try begin(trackScale: timeBase.denominator)
  }

  deinit {
    _ = unsafe avio_closep(&context.pointee.pb)
    unsafe avformat_free_context(context)
  }

  private static func describe(
    _ target: UnsafeMutablePointer<AVStream>, as source: UnsafeMutablePointer<AVStream>,
    for context: UnsafeMutablePointer<AVFormatContext>
  ) throws(Fault) {
    try AVError.require(
      unsafe avcodec_parameters_copy(target.pointee.codecpar, source.pointee.codecpar), "write clips")
    let codec = unsafe target.pointee.codecpar!
    unsafe codec.pointee.codec_tag = tag(codec, context)
    unsafe target.pointee.time_base = source.pointee.time_base
    unsafe target.pointee.avg_frame_rate = source.pointee.avg_frame_rate
    unsafe target.pointee.sample_aspect_ratio = source.pointee.sample_aspect_ratio
    unsafe target.pointee.disposition = source.pointee.disposition
    if let word = unsafe av_dict_get(source.pointee.metadata, "language", nil, 0) {
      _ = unsafe av_dict_set(&target.pointee.metadata, "language", word.pointee.value, 0)
    }
    guard let matrix = unsafe ridley_av_stream_matrix(source) else { return }
    let place = unsafe av_stream_new_side_data(target, AV_PKT_DATA_DISPLAYMATRIX, 36)
    unsafe place?.update(from: UnsafeRawPointer(matrix).assumingMemoryBound(to: UInt8.self), count: 36)
  }

  /// The name that the film's container gives the codec, where the clip's means the same by it; 0 leaves it to the muxer.
  @unsafe private static func tag(
    _ codec: UnsafeMutablePointer<AVCodecParameters>, _ context: UnsafeMutablePointer<AVFormatContext>
  ) -> UInt32 {
    if unsafe codec.pointee.codec_id == AV_CODEC_ID_HEVC { return StreamParameters.hevcTag }
    let known = unsafe context.pointee.oformat.pointee.codec_tag
    guard unsafe known != nil else { return 0 }
    let (id, tag) = unsafe (codec.pointee.codec_id, codec.pointee.codec_tag)
    return unsafe av_codec_get_id(known, tag) == id ? tag : 0
  }

  private func begin(trackScale: Int) throws(Fault) {
    var options: OpaquePointer?
    _ = unsafe av_dict_set(&options, "use_editlist", "1", 0)
    _ = unsafe av_dict_set(&options, "avoid_negative_ts", "disabled", 0)
    _ = unsafe av_dict_set_int(&options, "video_track_timescale", Int64(trackScale), 0)
    _ = unsafe av_dict_set_int(&options, "movie_timescale", Int64(scale), 0)
    unsafe context.pointee.flags |= AVFMT_FLAG_BITEXACT
    let code = unsafe avformat_write_header(context, &options)
    unsafe av_dict_free(&options)
    try AVError.require(code, "begin the clip \(name)")
  }

  /// Takes a packet of the film, which stays as it is.
  ///
  /// `isKey`, when it is decoded, and for how many ticks it is shown are told where the packet does not say it rightly.
  func write(
    _ other: borrowing Packet, isKey: Bool? = nil, decoded: Int? = nil, lasting: Int? = nil
  ) throws(Fault) {
    guard var track = tracks[other.streamIndex] else { return }
    guard unsafe av_packet_ref(packet.packet, other.packet) == 0 else { throw .noMemory(to: "write clips") }
    defer { packet.drop() }
    unsafe packet.packet.pointee.flags &= ~(AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT)
    if isKey == false { unsafe packet.packet.pointee.flags &= ~AV_PKT_FLAG_KEY }
    if let lasting { unsafe packet.packet.pointee.duration = Int64(lasting) }
    guard let pts = unsafe Timestamp.known(packet.packet.pointee.pts),
      let dts = unsafe decoded ?? Timestamp.known(packet.packet.pointee.dts)
    else { throw ClipCutter.refusal("packets of it have no times") }
    unsafe packet.packet.pointee.pts = Int64(pts) - track.origin
    unsafe packet.packet.pointee.dts = Int64(dts) - track.origin
    unsafe packet.packet.pointee.stream_index = track.target.pointee.index
    rescale(&track)
    tracks[other.streamIndex] = track
    // Not interleaved by the muxer: that keeps packets, and the film has an order.
    let code = unsafe av_write_frame(context, packet.packet)
    if code == ridley_av_invalid_argument {
      throw ClipCutter.refusal("the times of its packets go back")
    }
    try AVError.require(code, "write \(name)")
  }

  /// To the clip's time base; sound by its samples, as coarse clocks of containers would make gaps and overlaps of nothing.
  private func rescale(_ track: inout Track) {
    let (from, to) = unsafe (track.source.pointee.time_base, track.target.pointee.time_base)
    let codec = unsafe track.source.pointee.codecpar!
    let isSound = unsafe codec.pointee.codec_type == AVMEDIA_TYPE_AUDIO
    let samples = isSound ? unsafe av_get_audio_frame_duration2(codec, packet.packet.pointee.size) : 0
    guard isSound, samples > 0, unsafe codec.pointee.sample_rate > 0 else {
      return unsafe av_packet_rescale_ts(packet.packet, from, to)
    }
    let rate = unsafe AVRational(num: 1, den: codec.pointee.sample_rate)
    let time = unsafe av_rescale_delta(from, packet.packet.pointee.dts, rate, samples, &track.last, to)
    unsafe packet.packet.pointee.dts = time
    unsafe packet.packet.pointee.pts = time
    unsafe packet.packet.pointee.duration = av_rescale_q(Int64(samples), rate, to)
  }

  /// Writes the header, and closes the file; full disks that show only now are told here.
  func finish() throws(Fault) {
    try AVError.require(unsafe av_write_trailer(context), "finish \(name)")
    try AVError.require(unsafe avio_closep(&context.pointee.pb), "finish \(name)")
    try EditList.limit(path, toTicks: length)
  }
}

/// What a clip is, and how its name ends.
enum ClipFormat: String, CaseIterable {
  case mp4, mov

  private static let pictures = [
    AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_AV1, AV_CODEC_ID_VP9, AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG1VIDEO,
    AV_CODEC_ID_MPEG2VIDEO,
  ]
  private static let sounds = [
    AV_CODEC_ID_AAC, AV_CODEC_ID_MP3, AV_CODEC_ID_MP2, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3, AV_CODEC_ID_OPUS,
    AV_CODEC_ID_ALAC, AV_CODEC_ID_FLAC,
  ]
  /// What QuickTime has beside.
  private static let more = [
    AV_CODEC_ID_PRORES, AV_CODEC_ID_DNXHD, AV_CODEC_ID_MJPEG, AV_CODEC_ID_PCM_S16LE, AV_CODEC_ID_PCM_S16BE,
    AV_CODEC_ID_PCM_S24LE, AV_CODEC_ID_PCM_S24BE, AV_CODEC_ID_PCM_S32LE, AV_CODEC_ID_PCM_S32BE,
    AV_CODEC_ID_PCM_F32LE, AV_CODEC_ID_PCM_F32BE, AV_CODEC_ID_PCM_ALAW, AV_CODEC_ID_PCM_MULAW,
  ]
  /// What it lacks.
  private static let foreign = [AV_CODEC_ID_VP9, AV_CODEC_ID_AV1, AV_CODEC_ID_OPUS, AV_CODEC_ID_FLAC]

  /// Whether a codec has a place in it that players know.
  func takes(_ codec: AVCodecID) -> Bool {
    let usual = Self.pictures + Self.sounds
    let isKnown =
      switch self {
      case .mp4: usual.contains(codec)
      case .mov: Self.more.contains(codec) || usual.contains(codec) && !Self.foreign.contains(codec)
      }
    guard isKnown, let format = unsafe av_guess_format(rawValue, nil, nil) else { return false }
    return unsafe avformat_query_codec(format, codec, FF_COMPLIANCE_NORMAL) == 1
  }
}
