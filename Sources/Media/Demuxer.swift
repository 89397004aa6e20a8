internal import Base
internal import CFFmpeg

/// An open container: one owner, closed when it goes away.
///
/// The format is found by content, never by name, and only the named file is read: a playlist, or a container that
/// refers to other files, cannot reach them.
@safe struct Demuxer: ~Copyable {
  let context: UnsafeMutablePointer<AVFormatContext>
  private let input: FileInput
  let byteCount: Int
  let isNamedFilm: Bool

  init(_ file: MediaFile, limits: DecodeLimits) throws(Fault) {
    AVError.silenced
    let input = try FileInput(file)
    defer { withExtendedLifetime(input) {} }
    var context: UnsafeMutablePointer<AVFormatContext>?
    do throws(Fault) {
      unsafe context = try unsafe Demuxer.open(input, file)
      try unsafe Demuxer.examine(context!, limits)
    } catch {
      if unsafe context != nil { unsafe avformat_close_input(&context) }
      throw error
    }
    (byteCount, isNamedFilm) = (file.byteCount, file.isNamedFilm)
    self.input = input
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

  private static func open(
    _ input: FileInput, _ file: MediaFile
  ) throws(Fault) -> UnsafeMutablePointer<AVFormatContext> {
    var format: UnsafePointer<AVInputFormat>?
    let score = unsafe av_probe_input_buffer2(input.context, &format, "", nil, 0, 0)
    guard score >= 0, let format = unsafe format else {
      throw SourceFile.whyNotMedia(file, cause: AVError.text(score))
    }
    try refuseLists(unsafe AVError.name(format.pointee.name))
    guard var context = unsafe Optional(avformat_alloc_context()) else {
      throw Fault(.exhausted, "there is not enough memory to open this file")
    }
    unsafe context!.pointee.pb = input.context
    unsafe ridley_av_refuse_other_files(context)
    let code = unsafe avformat_open_input(&context, nil, format, nil)
    guard code >= 0, let context = unsafe context else {
      throw SourceFile.whyNotMedia(file, cause: AVError.text(code))
    }
    return unsafe context
  }

  /// Formats whose content is the names of other files, or a program.
  private static func refuseLists(_ name: String) throws(Fault) {
    let lists: Set = [
      "hls", "applehttp", "concat", "dash", "sdp", "rtsp", "imf", "image2", "lavfi", "tty", "ffmetadata",
    ]
    guard name.split(separator: ",").contains(where: { lists.contains(String($0)) }) else { return }
    throw Fault(
      .badInput, "this is a list that points to other files, which are not opened: name the media file itself")
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
    try AVError.require(code, "read the streams of this file")
  }
}

extension Demuxer {
  /// How many of a stream's samples the index of an MP4 or QuickTime file places behind the file's end.
  func samplesBeyondEnd(_ video: VideoStream) -> Int {
    guard formatName.hasPrefix("mov") else { return 0 }
    let count = unsafe avformat_index_get_entries_count(video.stream)
    return (0..<count).count {
      guard let entry = unsafe avformat_index_get_entry(video.stream, $0) else { return false }
      return unsafe Int(entry.pointee.pos) + Int(entry.pointee.size) > byteCount
    }
  }
}
