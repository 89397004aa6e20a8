public import Base
internal import CFFmpeg

/// What the pictures of a live source tell of themselves before they are decoded: their size and kind.
public struct StreamParameters: Sendable, Hashable {
  public let codec: LiveDecoder.Codec
  public let size: Size
  /// How many pictures are decoded before one that is shown earlier, at most, as far as that is told.
  public let delay: Int
  /// The parameter sets, as FFmpeg keeps them beside the pictures.
  let bytes: [UInt8]

  /// Reads them from a picture that stands alone, as ``LiveDecoder`` takes it; `nil` where it does not tell them.
  ///
  /// `known` are those of the picture before, which most pictures repeat.
  public init?(_ codec: LiveDecoder.Codec, picture: [UInt8], known: StreamParameters? = nil) {
    if codec == .mjpeg {
      guard let size = unsafe picture.withUnsafeBufferPointer({ unsafe JPEGMarkers.size($0) }) else { return nil }
      (self.codec, bytes, self.size, delay) = (codec, [], size, 0)
      return
    }
    guard !picture.isEmpty, let bytes = Self.extract(codec, picture) else { return nil }
    if let known, known.codec == codec, known.bytes == bytes {
      self = known
      return
    }
    guard let (size, delay) = Self.read(codec, bytes, picture), size.area > 0 else { return nil }
    (self.codec, self.bytes, self.size, self.delay) = (codec, bytes, size, delay)
  }

  /// Says it to a stream that is to be written.
  @unsafe func tell(_ stream: UnsafeMutablePointer<AVStream>) throws(Fault) {
    let told = unsafe stream.pointee.codecpar!
    unsafe told.pointee.codec_type = AVMEDIA_TYPE_VIDEO
    unsafe told.pointee.codec_id = codec.id
    unsafe (told.pointee.width, told.pointee.height) = (Int32(size.width), Int32(size.height))
    if codec == .hevc { unsafe told.pointee.codec_tag = Self.hevcTag }
    guard let memory = unsafe Self.padded(bytes) else { throw .noMemory(to: "write MP4") }
    unsafe told.pointee.extradata = memory
    unsafe told.pointee.extradata_size = Int32(bytes.count)
  }

  /// A copy with the zeros behind it that the library reads over; the library frees it.
  private static func padded(_ bytes: [UInt8]) -> UnsafeMutablePointer<UInt8>? {
    let memory = unsafe av_mallocz(bytes.count + Int(AV_INPUT_BUFFER_PADDING_SIZE))
    unsafe memory?.copyMemory(from: bytes, byteCount: bytes.count)
    return unsafe memory?.assumingMemoryBound(to: UInt8.self)
  }

  /// `hvc1`: parameter sets in front alone are what all players take.
  static let hevcTag: UInt32 = 0x3163_7668

  /// The parameter sets alone.
  private static func extract(_ codec: LiveDecoder.Codec, _ picture: [UInt8]) -> [UInt8]? {
    guard let kind = unsafe av_bsf_get_by_name("extract_extradata"), let packet = try? Packet() else { return nil }
    var filter: UnsafeMutablePointer<AVBSFContext>?
    guard unsafe av_bsf_alloc(kind, &filter) >= 0 else { return nil }
    defer { unsafe av_bsf_free(&filter) }
    unsafe filter!.pointee.par_in.pointee.codec_type = AVMEDIA_TYPE_VIDEO
    unsafe filter!.pointee.par_in.pointee.codec_id = codec.id
    guard unsafe av_bsf_init(filter) >= 0, (try? packet.fill(with: picture.span)) != nil,
      unsafe av_bsf_send_packet(filter, packet.packet) >= 0,
      unsafe av_bsf_receive_packet(filter, packet.packet) >= 0
    else { return nil }
    var count = 0
    guard let data = unsafe av_packet_get_side_data(packet.packet, AV_PKT_DATA_NEW_EXTRADATA, &count) else {
      return nil
    }
    return unsafe Array(UnsafeBufferPointer(start: data, count: count))
  }

  /// A parser tells the size, and a decoder that was given a picture how far pictures are moved, as far as the parameter sets say it.
  private static func read(
    _ codec: LiveDecoder.Codec, _ bytes: [UInt8], _ picture: [UInt8]
  ) -> (size: Size, delay: Int)? {
    guard let parser = unsafe av_parser_init(Int32(codec.id.rawValue)) else { return nil }
    defer { unsafe av_parser_close(parser) }
    let kind = unsafe avcodec_find_decoder(codec.id)
    var context = unsafe avcodec_alloc_context3(kind)
    defer { unsafe avcodec_free_context(&context) }
    guard unsafe context != nil else { return nil }
    unsafe context!.pointee.thread_count = 1
    let picture = bytes + picture
    guard unsafe avcodec_open2(context, kind, nil) >= 0, let packet = try? Packet(),
      (try? packet.fill(with: picture.span)) != nil
    else { return nil }
    _ = unsafe avcodec_send_packet(context, packet.packet)
    unsafe parser.pointee.flags |= PARSER_FLAG_COMPLETE_FRAMES
    let padded = picture + [UInt8](repeating: 0, count: Int(AV_INPUT_BUFFER_PADDING_SIZE))
    var (found, count) = unsafe (UnsafeMutablePointer<UInt8>?.none, Int32(0))
    _ = unsafe av_parser_parse2(
      parser, context, &found, &count, padded, Int32(clamping: picture.count), ridley_av_no_pts, ridley_av_no_pts, 0)
    let size = unsafe Size(width: Int(parser.pointee.width), height: Int(parser.pointee.height))
    return unsafe (size, Int(max(0, context!.pointee.has_b_frames)))
  }
}

extension LiveDecoder.Codec {
  /// FFmpeg's number.
  var id: AVCodecID {
    switch self {
    case .h264: AV_CODEC_ID_H264
    case .hevc: AV_CODEC_ID_HEVC
    case .av1: AV_CODEC_ID_AV1
    case .mjpeg: AV_CODEC_ID_MJPEG
    }
  }
}
