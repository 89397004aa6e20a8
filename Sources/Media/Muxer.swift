internal import Base
internal import CFFmpeg

/// An MP4 file being written: one owner, closed when it goes away.
@safe struct Muxer: ~Copyable {
  private let context: UnsafeMutablePointer<AVFormatContext>
  private let stream: UnsafeMutablePointer<AVStream>

  init(_ path: String, _ encoder: borrowing Encoder, timeBase: Ratio, frameRate: Ratio) throws(Fault) {
    var context: UnsafeMutablePointer<AVFormatContext>?
    do throws(Fault) {
      try AVError.require(
        unsafe avformat_alloc_output_context2(&context, nil, "mp4", "file:" + path), "write MP4 files")
      guard let stream = unsafe avformat_new_stream(context, nil) else {
        throw Fault(.exhausted, "there is not enough memory to write a video")
      }
      try AVError.require(
        unsafe avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context), "write MP4 files")
      unsafe stream.pointee.time_base = timeBase.c
      if frameRate.isKnown { unsafe stream.pointee.avg_frame_rate = frameRate.c }
      try AVError.require(
        unsafe avio_open2(&context!.pointee.pb, "file:" + path, AVIO_FLAG_WRITE, nil, nil), "write this file")
      try unsafe Muxer.begin(context!, timeBase)
      unsafe self.stream = stream
    } catch {
      unsafe Muxer.close(context)
      throw error
    }
    unsafe self.context = context!
  }

  deinit { unsafe Muxer.close(context) }

  /// The track and the movie count in the source's own ticks, so that timestamps survive to the last digit.
  private static func begin(_ context: UnsafeMutablePointer<AVFormatContext>, _ timeBase: Ratio) throws(Fault) {
    var options: OpaquePointer?
    _ = unsafe av_dict_set(&options, "movflags", "+faststart", 0)
    _ = unsafe av_dict_set_int(&options, "video_track_timescale", Int64(timeBase.denominator), 0)
    _ = unsafe av_dict_set_int(&options, "movie_timescale", Int64(timeBase.denominator), 0)
    let code = unsafe avformat_write_header(context, &options)
    unsafe av_dict_free(&options)
    try AVError.require(code, "begin the MP4 file")
  }

  /// Takes the packet's content; where the encoder does not say how long it lasts, it is so many ticks.
  ///
  /// A last picture that lasts no time stands behind the end that the file names, and players leave it out.
  func write(_ packet: borrowing Packet, from encoder: borrowing Encoder, lasting ticks: Int) throws(Fault) {
    if unsafe packet.packet.pointee.duration == 0 { unsafe packet.packet.pointee.duration = Int64(ticks) }
    unsafe av_packet_rescale_ts(packet.packet, encoder.context.pointee.time_base, stream.pointee.time_base)
    unsafe packet.packet.pointee.stream_index = stream.pointee.index
    try AVError.require(unsafe av_interleaved_write_frame(context, packet.packet), "write the video")
  }

  /// Writes the index and closes the file; full disks that show only now are told here.
  func finish() throws(Fault) {
    try AVError.require(unsafe av_write_trailer(context), "finish the MP4 file")
    try AVError.require(unsafe avio_closep(&context.pointee.pb), "finish the MP4 file")
  }

  private static func close(_ context: UnsafeMutablePointer<AVFormatContext>?) {
    guard let context = unsafe context else { return }
    _ = unsafe avio_closep(&context.pointee.pb)
    unsafe avformat_free_context(context)
  }
}
