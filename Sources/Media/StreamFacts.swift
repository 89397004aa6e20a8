internal import Base
internal import CFFmpeg

/// Reads a container's and a stream's own statements into plain values.
struct StreamFacts {
  let isPicture: Bool
  let timeBase: Ratio
  let frameRate: Ratio
  let sampleAspect: Ratio
  let tags: ColorTags
  /// What the container says; a still's tag goes in its place.
  var matrix: Orientation?

  init(_ demuxer: borrowing Demuxer, _ video: VideoStream) {
    let stream = unsafe video.stream.pointee
    let name = demuxer.formatName
    let isFilm = demuxer.isNamedFilm
    isPicture =
      unsafe demuxer.header.isStill || (name.hasSuffix("_pipe") && !isFilm) || (name == "gif" && stream.nb_frames == 1)
    timeBase = unsafe Ratio(stream.time_base)
    let average = unsafe Ratio(stream.avg_frame_rate)
    frameRate = unsafe average.isKnown ? average : Ratio(stream.r_frame_rate)
    // Stills carry printing densities there, which no viewer shows.
    sampleAspect =
      unsafe isPicture ? Ratio(1, 1) : Ratio(av_guess_sample_aspect_ratio(demuxer.context, video.stream, nil))
    tags = unsafe ColorTags(stream.codecpar.pointee)
    unsafe matrix = demuxer.header.orientation ?? StreamFacts.orientation(ridley_av_stream_matrix(video.stream))
  }

  /// Of pictures that come without a container, with times in so many ticks a second.
  init(clockRate: Int) {
    (isPicture, timeBase, frameRate, sampleAspect) = (false, Ratio(1, clockRate), Ratio(0, 1), Ratio(0, 1))
    tags = ColorTags(space: AVCOL_SPC_UNSPECIFIED, range: AVCOL_RANGE_UNSPECIFIED)
  }

  /// The stream's display matrix, else the picture's, else its EXIF tag.
  func orientation(of picture: Picture?) -> Orientation {
    if let matrix { return matrix }
    guard let picture else { return .upright }
    if let own = unsafe StreamFacts.orientation(ridley_av_frame_matrix(picture.frame)) { return own }
    guard let entry = unsafe av_dict_get(picture.frame.pointee.metadata, "Orientation", nil, 0) else { return .upright }
    let text = unsafe String(cString: entry.pointee.value)
    return Int(text.filter { $0 != " " }).flatMap(Orientation.init(exif:)) ?? .upright
  }

  /// Of a picture that was decoded; its own sample aspect counts where the stream has none.
  func geometry(of picture: Picture) -> Geometry {
    let own = unsafe Ratio(picture.frame.pointee.sample_aspect_ratio)
    return Geometry(
      coded: picture.size, sampleAspect: sampleAspect.isKnown ? sampleAspect : own,
      orientation: orientation(of: picture))
  }

  /// How pictures are expected to be read, from the first one or else from what the stream says.
  func look(_ video: VideoStream, first: Picture?) -> PixelInterpretation {
    let format = unsafe AVPixelFormat(rawValue: video.stream.pointee.codecpar.pointee.format)
    return PixelInterpretation(
      format: first?.format ?? format, size: first?.size ?? video.codedSize,
      tags: first.map { ColorTags($0, stream: tags) } ?? tags, isPicture: isPicture)
  }

  private static func orientation(_ matrix: UnsafePointer<Int32>?) -> Orientation? {
    guard let m = unsafe matrix else { return nil }
    return unsafe Orientation(a: Int(m[0]), b: Int(m[1]), c: Int(m[3]), d: Int(m[4]))
  }
}

extension MediaInfo {
  /// What is known before the first frame, and from it where there is one.
  init(_ demuxer: borrowing Demuxer, _ video: VideoStream, _ facts: StreamFacts, _ color: Color, first: Picture?) {
    let stream = unsafe video.stream.pointee
    let codec = unsafe stream.codecpar.pointee
    let format = unsafe first?.format ?? AVPixelFormat(rawValue: codec.format)
    let coded = first?.size ?? video.codedSize
    let geometry =
      first.map(facts.geometry)
      ?? Geometry(coded: coded, sampleAspect: facts.sampleAspect, orientation: facts.orientation(of: nil))
    unsafe self.init(
      format: demuxer.formatName, duration: demuxer.duration(video), byteCount: demuxer.byteCount,
      streamCount: demuxer.streamCount, hasAudio: demuxer.hasAudio, isPicture: facts.isPicture,
      streamIndex: video.index, codec: unsafe AVError.name(avcodec_get_name(codec.codec_id)),
      profile: unsafe AVError.name(avcodec_profile_name(codec.codec_id, codec.profile)), codedSize: coded,
      size: geometry.upright, sampleAspect: facts.sampleAspect, orientation: geometry.orientation,
      frameRate: facts.frameRate, timeBase: facts.timeBase,
      frameCount: stream.nb_frames > 0 ? Int(stream.nb_frames) : nil, startPTS: Timestamp.known(stream.start_time),
      pixelFormat: unsafe AVError.name(av_get_pix_fmt_name(format)),
      bitDepth: unsafe av_pix_fmt_desc_get(format).map { unsafe Int($0.pointee.comp.0.depth) } ?? 8,
      colorMatrix: unsafe AVError.name(av_color_space_name(codec.color_space)),
      colorRange: unsafe AVError.name(av_color_range_name(codec.color_range)),
      colorPrimaries: unsafe AVError.name(av_color_primaries_name(codec.color_primaries)),
      colorTransfer: unsafe AVError.name(av_color_transfer_name(codec.color_trc)),
      usedMatrix: color.matrix, usesFullRange: color.isFullRange)
  }
}

extension Demuxer {
  var hasAudio: Bool {
    (0..<streamCount).contains {
      unsafe stream($0).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
    }
  }

  /// A length that was guessed from the bit rate is no answer.
  func duration(_ video: VideoStream) -> Double? {
    let guessed = unsafe context.pointee.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE
    if !guessed, let whole = unsafe Timestamp.known(context.pointee.duration), whole > 0 {
      return Double(whole) / Double(ridley_av_time_base)
    }
    guard let own = unsafe Timestamp.known(video.stream.pointee.duration), own > 0, !guessed else { return nil }
    return unsafe Double(own) * Ratio(video.stream.pointee.time_base).value
  }
}
