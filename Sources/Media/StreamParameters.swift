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
  public init?(_ codec: LiveDecoder.Codec, picture: [UInt8]) {
    guard codec != .mjpeg, !picture.isEmpty, let bytes = Self.extract(codec, picture),
      let (size, delay) = Self.read(codec, bytes + picture), size.area > 0
    else { return nil }
    (self.codec, self.bytes, self.size, self.delay) = (codec, bytes, size, delay)
  }

  /// Says it to a stream that is to be written.
  @unsafe func tell(_ stream: UnsafeMutablePointer<AVStream>) throws(Fault) {
    let told = unsafe stream.pointee.codecpar!
    unsafe told.pointee.codec_type = AVMEDIA_TYPE_VIDEO
    unsafe told.pointee.codec_id = codec.id
    unsafe (told.pointee.width, told.pointee.height) = (Int32(size.width), Int32(size.height))
    if codec == .hevc { unsafe told.pointee.codec_tag = Self.hevcTag }
    let count = bytes.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)
    guard let memory = unsafe av_mallocz(count) else { throw .noMemory(to: "write MP4") }
    unsafe memory.copyMemory(from: bytes, byteCount: bytes.count)
    unsafe told.pointee.extradata = memory.assumingMemoryBound(to: UInt8.self)
    unsafe told.pointee.extradata_size = Int32(bytes.count)
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

  private static func read(_ codec: LiveDecoder.Codec, _ picture: [UInt8]) -> (Size, delay: Int)? {
    guard let parser = unsafe av_parser_init(Int32(codec.id.rawValue)) else { return nil }
    defer { unsafe av_parser_close(parser) }
    var context = unsafe avcodec_alloc_context3(avcodec_find_decoder(codec.id))
    defer { unsafe avcodec_free_context(&context) }
    guard unsafe context != nil else { return nil }
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
