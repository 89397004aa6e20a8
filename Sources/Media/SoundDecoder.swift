internal import Base
internal import CFFmpeg

/// One decoder of sound, on one thread: one owner, freed when it goes away.
@safe struct SoundDecoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>
  /// What was decoded last.
  private let frame: UnsafeMutablePointer<AVFrame>

  /// Those whose packets carry a sum of their own, so that damage is refused and not heard.
  private static let summed = [AV_CODEC_ID_FLAC, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3]

  init(_ sound: SoundStream) throws(Fault) {
    var context = unsafe avcodec_alloc_context3(sound.codec)
    var frame = unsafe av_frame_alloc()
    do throws(Fault) {
      guard let context = unsafe context, unsafe frame != nil else { throw .noMemory(to: "open a decoder") }
      try AVError.require(
        unsafe avcodec_parameters_to_context(context, sound.stream.pointee.codecpar), ofFile: "set up the decoder")
      unsafe context.pointee.pkt_timebase = sound.stream.pointee.time_base
      unsafe context.pointee.thread_count = 1
      unsafe context.pointee.max_samples = Int64(SoundLimits.mostInFrame)
      if Self.summed.contains(unsafe sound.codec.pointee.id) {
        unsafe context.pointee.err_recognition |= AV_EF_CRCCHECK | AV_EF_EXPLODE
      }
      try AVError.require(unsafe avcodec_open2(context, sound.codec, nil), ofFile: "open the decoder for this sound")
    } catch {
      unsafe avcodec_free_context(&context)
      unsafe av_frame_free(&frame)
      throw error
    }
    unsafe self.frame = frame!
    unsafe self.context = context!
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = unsafe context
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe avcodec_free_context(&context)
    unsafe av_frame_free(&frame)
  }

  func send(_ packet: borrowing Packet) -> Int32 { unsafe avcodec_send_packet(context, packet.packet) }

  func sendEnd() { _ = unsafe avcodec_send_packet(context, nil) }

  /// Makes ``sound`` what comes next; the library's code.
  func receive() -> Int32 { unsafe avcodec_receive_frame(context, frame) }

  /// What was decoded last; good until the next.
  var sound: DecodedSound { unsafe DecodedSound(frame: frame) }
}

/// Decoded samples, lent by a decoder.
@safe struct DecodedSound {
  fileprivate let frame: UnsafeMutablePointer<AVFrame>

  var count: Int { unsafe Int(frame.pointee.nb_samples) }
  var rate: Int { unsafe Int(frame.pointee.sample_rate) }
  var channels: Int { unsafe Int(frame.pointee.ch_layout.nb_channels) }
  var format: AVSampleFormat { unsafe AVSampleFormat(rawValue: frame.pointee.format) }
  var layout: UnsafePointer<AVChannelLayout> { unsafe UnsafePointer(frame.pointer(to: \.ch_layout)!) }
  /// In the stream's time base.
  var pts: Int? { unsafe Timestamp.known(frame.pointee.best_effort_timestamp) ?? Timestamp.known(frame.pointee.pts) }
  var isCorrupt: Bool {
    unsafe frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || frame.pointee.decode_error_flags != 0
  }

  /// Where each channel begins, or all of them together, behind the first `skipped` samples.
  func planes(skipping skipped: Int) -> [UnsafePointer<UInt8>?] {
    let isPlanar = av_sample_fmt_is_planar(format) != 0
    let width = Int(av_get_bytes_per_sample(format)) * (isPlanar ? 1 : channels)
    return unsafe (0..<(isPlanar ? channels : 1)).map { plane in
      unsafe frame.pointee.extended_data[plane].map { unsafe UnsafePointer($0 + skipped * width) }
    }
  }
}
