internal import Base
internal import CFFmpeg

/// One video encoder: one owner, freed when it goes away.
@safe struct Encoder: ~Copyable {
  let context: UnsafeMutablePointer<AVCodecContext>

  /// Opens the encoder of that name; `options` are its own.
  init(
    _ name: String, purpose: String, options: KeyValuePairs<String, String> = [:],
    setUp: (UnsafeMutablePointer<AVCodecContext>) -> Void
  ) throws(Fault) {
    AVError.silenced
    guard let codec = unsafe avcodec_find_encoder_by_name(name) else {
      throw Fault(.unsupported, "this FFmpeg cannot \(purpose): install one with \(name)")
    }
    guard let context = unsafe avcodec_alloc_context3(codec) else {
      throw Fault(.exhausted, "there is not enough memory to \(purpose)")
    }
    // More of them would make other bytes of the same pictures, by their number.
    unsafe context.pointee.thread_count = 1
    unsafe setUp(context)
    var dictionary: OpaquePointer?
    for (key, value) in options { _ = unsafe av_dict_set(&dictionary, key, value, 0) }
    let code = unsafe avcodec_open2(context, codec, &dictionary)
    unsafe av_dict_free(&dictionary)
    if code < 0 {
      var failed: UnsafeMutablePointer<AVCodecContext>? = unsafe context
      unsafe avcodec_free_context(&failed)
      throw AVError.fault(code, purpose)
    }
    unsafe self.context = context
  }

  /// Whether this FFmpeg was built with an encoder of that name.
  static func isThere(_ name: String) -> Bool { unsafe avcodec_find_encoder_by_name(name) != nil }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = unsafe context
    unsafe avcodec_free_context(&context)
  }

  /// Hands over a picture; `nil` says that no more will come.
  func send(_ picture: Picture?) throws(Fault) {
    try AVError.require(unsafe avcodec_send_frame(context, picture?.frame), "encode a picture")
  }

  /// True and a filled packet, or false where the encoder wants more pictures or has ended.
  func receive(_ packet: borrowing Packet) throws(Fault) -> Bool {
    let code = unsafe avcodec_receive_packet(context, packet.packet)
    if code == ridley_av_again || code == ridley_av_eof { return false }
    try AVError.require(code, "encode a picture")
    return true
  }
}

extension Picture {
  /// An empty picture with memory of its own.
  convenience init(format: AVPixelFormat, size: Size) throws(Fault) {
    try self.init()
    unsafe frame.pointee.format = format.rawValue
    unsafe frame.pointee.width = Int32(size.width)
    unsafe frame.pointee.height = Int32(size.height)
    try AVError.require(unsafe av_frame_get_buffer(frame, 0), "hold a picture of \(size) pixels")
  }
}
