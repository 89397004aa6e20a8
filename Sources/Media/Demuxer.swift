internal import Base
internal import CFFmpeg

/// An open container: one owner, closed when it goes away.
///
/// The format is found by content, never by name, and is one of ``Formats``. Only the named file is read: a playlist, or a
/// container that refers to other files, cannot reach them.
@safe struct Demuxer: ~Copyable {
  let context: UnsafeMutablePointer<AVFormatContext>
  private let input: FileInput
  let byteCount: Int
  let isNamedFilm: Bool
  let header: PictureHeader

  /// What a file is opened for.
  enum Purpose { case pictures, sound }

  init(_ file: MediaFile, limits: DecodeLimits, for purpose: Purpose = .pictures) throws(Fault) {
    AVError.silenced
    let input = try FileInput(file)
    defer { withExtendedLifetime(input) {} }
    let format = try unsafe Demuxer.find(input, file, purpose)
    let header = try PictureHeader(file, demuxer: unsafe AVError.name(format.pointee.name))
    var context: UnsafeMutablePointer<AVFormatContext>?
    do throws(Fault) {
      unsafe context = try unsafe Demuxer.open(input, file, format, purpose)
      try unsafe Demuxer.examine(context!, limits)
    } catch {
      if unsafe context != nil { unsafe avformat_close_input(&context) }
      throw error
    }
    (byteCount, isNamedFilm) = (file.byteCount, file.isNamedFilm)
    (self.input, self.header) = (input, header)
    unsafe self.context = context!
  }

  deinit {
    var context: UnsafeMutablePointer<AVFormatContext>? = unsafe context
    unsafe avformat_close_input(&context)
  }

  /// The demuxer's name: `mov,mp4,m4a,3gp,3g2,mj2`, `matroska,webm`, `png_pipe`.
  var formatName: String { unsafe AVError.name(context.pointee.iformat.pointee.name) }

  func stream(_ index: Int) -> UnsafeMutablePointer<AVStream> { unsafe context.pointee.streams[index]! }

  var streamCount: Int { unsafe Int(context.pointee.nb_streams) }

  /// JPEG pictures one after the other are a film only by their name, else the first one counts, whatever the rest is taken for.
  private static func find(
    _ input: FileInput, _ file: MediaFile, _ purpose: Purpose
  ) throws(Fault) -> UnsafePointer<AVInputFormat> {
    var format: UnsafePointer<AVInputFormat>?
    let score = unsafe av_probe_input_buffer2(input.context, &format, "", nil, 0, 0)
    let isJPEG = !file.isNamedFilm && file.bytes(0..<3) == [0xff, 0xd8, 0xff]
    let isLossless = unsafe format.map { unsafe AVError.name($0.pointee.name) } == "jpegls_pipe"
    if isJPEG, !isLossless, let one = unsafe av_find_input_format("jpeg_pipe") { return unsafe one }
    guard score >= 0, let format = unsafe format else {
      throw SourceFile.whyNotMedia(file, cause: AVError.text(score))
    }
    let name = unsafe AVError.name(format.pointee.name)
    do throws(Fault) {
      try Formats.admit(name, longName: unsafe AVError.name(format.pointee.long_name), for: purpose)
    } catch {
      // A mere suspicion is no name.
      throw score > AVPROBE_SCORE_RETRY ? error : SourceFile.whyNotMedia(file, cause: error.message)
    }
    return unsafe format
  }

  private static func open(
    _ input: FileInput, _ file: MediaFile, _ format: UnsafePointer<AVInputFormat>, _ purpose: Purpose
  ) throws(Fault) -> UnsafeMutablePointer<AVFormatContext> {
    guard var context = unsafe Optional(avformat_alloc_context()) else {
      throw .noMemory(to: "open this file")
    }
    unsafe context!.pointee.pb = input.context
    unsafe ridley_av_refuse_other_files(context)
    for (key, value) in purpose == .pictures ? whitelists : soundWhitelists {
      _ = unsafe av_opt_set(context, key, value, 0)
    }
    let code = unsafe avformat_open_input(&context, nil, format, nil)
    guard code >= 0, let context = unsafe context else {
      throw SourceFile.whyNotMedia(file, cause: AVError.text(code))
    }
    return unsafe context
  }

  /// What the library itself may open on its way, by its own names.
  private static let whitelists = listed(Formats.codecs, Formats.films + Formats.pictures)
  /// Pictures are looked at too, so that the container is read alike and all its times are the same.
  private static let soundWhitelists = listed(
    Formats.codecs + Formats.sounds, Formats.films + Formats.pictures + Formats.soundFiles)

  private static func listed(_ codecs: [Formats.Kind], _ files: [Formats.Kind]) -> [(String, String)] {
    let kinds = Set(codecs.map(\.reader))
    var (decoders, state) = unsafe ([String](), UnsafeMutableRawPointer?.none)
    while let codec = unsafe av_codec_iterate(&state) {
      let isListed = unsafe kinds.contains(AVError.name(avcodec_get_name(codec.pointee.id)))
      if isListed, unsafe av_codec_is_decoder(codec) != 0 { decoders.append(unsafe AVError.name(codec.pointee.name)) }
    }
    let formats = files.map(\.reader)
    return [
      ("format_whitelist", formats.joined(separator: ",")), ("codec_whitelist", decoders.joined(separator: ",")),
      ("protocol_whitelist", "none"),
    ]
  }

  /// Reads enough packets to know every stream; picture sizes beyond the limits are not decoded on the way.
  private static func examine(_ context: UnsafeMutablePointer<AVFormatContext>, _ limits: DecodeLimits) throws(Fault) {
    let count = unsafe Int(context.pointee.nb_streams)
    var options = unsafe [OpaquePointer?](repeating: nil, count: count)
    for index in 0..<count {
      _ = unsafe av_dict_set_int(&options[index], "max_pixels", Int64(limits.maxPixels), 0)
      _ = unsafe av_dict_set_int(&options[index], "threads", 1, 0)
    }
    let code = unsafe options.withUnsafeMutableBufferPointer {
      unsafe avformat_find_stream_info(context, count > 0 ? $0.baseAddress : nil)
    }
    for index in 0..<count { unsafe av_dict_free(&options[index]) }
    try AVError.require(code, ofFile: "read the streams of this file")
  }
}

extension Demuxer {
  /// How many of a stream's samples the index of an MP4 or QuickTime file places behind the file's end.
  func samplesBeyondEnd(_ video: VideoStream) -> Int { unsafe samplesBeyondEnd(video.stream) }

  @unsafe func samplesBeyondEnd(_ stream: UnsafeMutablePointer<AVStream>) -> Int {
    guard formatName.hasPrefix("mov") else { return 0 }
    let count = unsafe avformat_index_get_entries_count(stream)
    return (0..<count).count {
      guard let entry = unsafe avformat_index_get_entry(stream, $0) else { return false }
      return unsafe Int(entry.pointee.pos) + Int(entry.pointee.size) > byteCount
    }
  }

  /// Seconds of a stream's first packet; `nil` where nothing is known.
  func start(of index: Int) -> Double? {
    unsafe Timestamp.known(stream(index).pointee.start_time).map {
      unsafe Double($0) * Ratio(stream(index).pointee.time_base).value
    }
  }
}
