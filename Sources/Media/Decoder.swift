internal import Base
internal import CFFmpeg

/// One video decoder: one owner, freed when it goes away.
@safe struct Decoder: ~Copyable {
  /// What became of a request for a frame.
  enum Answer { case frame, hungry, ended, failed(Int32) }

  private let context: UnsafeMutablePointer<AVCodecContext>
  /// How often parts of a picture were painted over, and how often a picture found no memory, counted on the decoder's threads.
  private let told: UnsafeMutablePointer<Int32>
  /// Several threads work on it, so frames do not reliably say that they are damaged: FFmpeg may copy what is known of a frame
  /// before another thread has finished it.
  let hasThreads: Bool
  private let hidden: HiddenPackets?

  /// Those that say nothing of parts which damage left out of a picture.
  private static let leavesOut = [AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8, AV_CODEC_ID_MJPEG]

  /// `beginsAnywhere` is for one that begins at entries only and is emptied often: FFmpeg's H.264 decoder believes
  /// pictures behind a recovery point only once that one has left it, and would throw the last ones away.
  init(_ video: VideoStream, threads: Int, beginsAnywhere: Bool = false, limits: DecodeLimits) throws(Fault) {
    unsafe try self.init(video.codec, threads: threads, beginsAnywhere: beginsAnywhere, limits: limits) {
      (context) throws(Fault) in
      try AVError.require(
        unsafe avcodec_parameters_to_context(context, video.stream.pointee.codecpar), ofFile: "set up the decoder")
      unsafe context.pointee.pkt_timebase = video.stream.pointee.time_base
      unsafe context.pointee.framerate = video.stream.pointee.avg_frame_rate
    }
  }

  /// For pictures without a container; `setUp` may say more of them.
  init(
    _ codec: UnsafePointer<AVCodec>, threads: Int, beginsAnywhere: Bool = false, limits: DecodeLimits,
    setUp: (UnsafeMutablePointer<AVCodecContext>) throws(Fault) -> Void = { _ in }
  ) throws(Fault) {
    var context = unsafe avcodec_alloc_context3(codec)
    let told = UnsafeMutablePointer<Int32>.allocate(capacity: 2)
    unsafe told.initialize(repeating: 0, count: 2)
    do throws(Fault) {
      guard let context = unsafe context else { throw .noMemory(to: "open a decoder") }
      unsafe try setUp(context)
      unsafe context.pointee.max_pixels = Int64(limits.maxPixels)
      unsafe context.pointee.thread_count = Int32(threads)
      unsafe context.pointee.opaque = UnsafeMutableRawPointer(told)
      unsafe ridley_av_give_pictures(context, Self.leavesOut.contains(codec.pointee.id) ? 1 : 0)
      if beginsAnywhere { unsafe context.pointee.flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT }
      try AVError.require(unsafe avcodec_open2(context, codec, nil), ofFile: "open the decoder for this video")
    } catch {
      unsafe avcodec_free_context(&context)
      unsafe told.deallocate()
      throw error
    }
    hasThreads = threads > 1
    hidden = HiddenPackets(unsafe codec.pointee.id)
    unsafe self.told = told
    unsafe self.context = context!
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = unsafe context
    unsafe avcodec_free_context(&context)
    unsafe told.deallocate()
  }

  /// With several threads: one of the pictures so far is damaged, this one or another.
  func isDamaged(_ picture: Picture) -> Bool {
    guard hasThreads else { return false }
    return unsafe ridley_av_told(told) > 0 || picture.frame.pointee.decode_error_flags != 0
  }

  /// How many threads a decoder gets when it is not said.
  ///
  /// The same on every machine; damaged films are decoded on one (``MediaReader``).
  static let usualThreads = 4

  /// Hands over a packet and answers the library's code.
  func send(_ packet: borrowing Packet) -> Int32 {
    let code = noted(unsafe avcodec_send_packet(context, packet.packet))
    if code >= 0 { hidden?.enter(unsafe packet.packet.pointee.pts, isHidden: packet.isOutside) }
    return code
  }

  /// Hands over a packet whose frame will carry `tag` in place of its timestamp.
  func send(_ packet: borrowing Packet, tag: Int) -> Int32 {
    unsafe packet.packet.pointee.pts = Int64(tag)
    return send(packet)
  }

  /// Which pictures are passed over from now on, as far as the codec tells them before they are decoded.
  func skip(_ what: AVDiscard) { unsafe context.pointee.skip_frame = what }

  /// Forgets all pictures, so that decoding can begin anew at another place; also after the end.
  func restart() {
    unsafe avcodec_flush_buffers(context)
    hidden?.clear()
  }

  /// Says that no more packets will come.
  func sendEnd() { _ = unsafe avcodec_send_packet(context, nil) }

  /// libdav1d makes its pictures itself, and says truly what they lacked.
  private func noted(_ code: Int32) -> Int32 {
    if code == ridley_av_no_memory, unsafe context.pointee.codec_id == AV_CODEC_ID_AV1 {
      unsafe ridley_av_tell(told + 1)
    }
    return code
  }

  /// Fails where a picture found no memory so far, which decoders take for damage.
  func checkMemory() throws(Fault) {
    guard unsafe ridley_av_told(told + 1) > 0 else { return }
    throw .noMemory(to: "decode pictures of \(unsafe context.pointee.width)x\(unsafe context.pointee.height)")
  }

  func receive(into picture: Picture) -> Answer {
    while true {
      let code = noted(unsafe avcodec_receive_frame(context, picture.frame))
      switch code {
      case 0...: if hidden?.leave(unsafe picture.frame.pointee.pts) != true { return .frame }
      case ridley_av_again: return .hungry
      case ridley_av_eof: return .ended
      default: return .failed(code)
      }
    }
  }
}

/// A packet's shell, filled again and again.
@safe struct Packet: ~Copyable {
  let packet: UnsafeMutablePointer<AVPacket>

  init() throws(Fault) {
    guard let packet = unsafe av_packet_alloc() else {
      throw .noMemory(to: "read a packet")
    }
    unsafe self.packet = packet
  }

  deinit {
    var packet: UnsafeMutablePointer<AVPacket>? = unsafe packet
    unsafe av_packet_free(&packet)
  }

  var streamIndex: Int { unsafe Int(packet.pointee.stream_index) }
  var isKey: Bool { unsafe packet.pointee.flags & AV_PKT_FLAG_KEY != 0 }
  /// It says when it is shown, and that this is not when it is decoded.
  var isReordered: Bool {
    unsafe Timestamp.known(packet.pointee.pts) != nil && Timestamp.known(packet.pointee.dts) != nil
      && packet.pointee.pts != packet.pointee.dts
  }
  /// The container noticed that bytes of it, or before it, are missing.
  var isCorrupt: Bool { unsafe packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 }
  /// Decoded but not shown: it stands outside the edit list.
  var isOutside: Bool { unsafe packet.pointee.flags & AV_PKT_FLAG_DISCARD != 0 }
  /// In the stream's time base; 0 is unknown.
  var duration: Int { unsafe Int(packet.pointee.duration) }
  var pts: Int? { unsafe Timestamp.known(packet.pointee.pts) ?? Timestamp.known(packet.pointee.dts) }
  /// The orientation in the metadata of a PNG file, if the packet is one.
  var orientation: Orientation? {
    unsafe PNGOrientation.orientation(ofPNG: bytes.span).flatMap(Orientation.init(exif:))
  }

  /// What the packet says of itself; its bytes are not looked at.
  func facts(ordinal: Int, coded: CodedPicture?) -> PacketFacts {
    unsafe PacketFacts(
      ordinal: ordinal, pts: Timestamp.known(packet.pointee.pts), dts: Timestamp.known(packet.pointee.dts),
      duration: Int(packet.pointee.duration), byteCount: Int(packet.pointee.size),
      isOutside: isOutside, isKey: isKey,
      isOdd: isCorrupt || changesDecoder, coded: coded)
  }

  /// Brings new parameters for the decoder along.
  private var changesDecoder: Bool {
    [AV_PKT_DATA_NEW_EXTRADATA, AV_PKT_DATA_PARAM_CHANGE].contains { kind in
      unsafe av_packet_get_side_data(packet, kind, nil) != nil
    }
  }

  /// Fills it with bytes, which are copied.
  func fill(with bytes: Span<UInt8>) throws(Fault) {
    drop()
    guard unsafe av_new_packet(packet, Int32(bytes.count)) == 0 else { throw .noMemory(to: "decode a packet") }
    unsafe bytes.withUnsafeBufferPointer { unsafe packet.pointee.data.update(from: $0.baseAddress!, count: $0.count) }
  }

  /// Takes the bytes of another packet, which is empty afterwards.
  init(from other: borrowing Packet) throws(Fault) {
    try self.init()
    unsafe av_packet_move_ref(packet, other.packet)
  }

  /// Good until the packet is filled again or dropped.
  var bytes: UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size))
  }

  func drop() { unsafe av_packet_unref(packet) }
}

enum Timestamp {
  /// FFmpeg's "no timestamp" as `nil`.
  static func known(_ value: Int64) -> Int? { value == ridley_av_no_pts ? nil : Int(value) }
}
