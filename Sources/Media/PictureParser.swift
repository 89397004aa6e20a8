internal import CFFmpeg

/// Understands packets of the codecs whose pictures can be put in order, and left out, without decoding.
///
/// One owner; packets of one stream in order of decoding.
@safe final class PictureParser {
  enum Family { case h264, hevc, vp8, vp9, av1, mpeg, intra }

  let family: Family
  /// How frames leave the decoder.
  let rule: FrameOrder.Rule
  private let parser: UnsafeMutablePointer<AVCodecParserContext>?
  private let context: UnsafeMutablePointer<AVCodecContext>?
  private let lengthSize: Int
  /// Layers of time in an HEVC stream; 0 while it is not known.
  private var layers: Int

  /// `nil` where the codec is not understood.
  init?(_ video: VideoStream) {
    let codec = unsafe video.stream.pointee.codecpar!
    guard let family = Self.family(unsafe codec.pointee.codec_id) else { return nil }
    let delay = unsafe Int(codec.pointee.video_delay)
    self.family = family
    rule = Self.rule(family, delay: delay)
    let extra = unsafe UnsafeBufferPointer(start: codec.pointee.extradata, count: Int(codec.pointee.extradata_size))
    let isConfigured = unsafe extra.count > 22 && extra[0] == 1
    let isShortlyConfigured = unsafe extra.count > 6 && extra[0] == 1
    switch family {
    case .h264: lengthSize = unsafe isShortlyConfigured ? Int(extra[4] & 3) + 1 : 0
    case .hevc: lengthSize = unsafe isConfigured ? Int(extra[21] & 3) + 1 : 0
    default: lengthSize = 0
    }
    layers = unsafe family == .hevc && isConfigured ? Int(extra[21] >> 3 & 7) : 0
    guard [.h264, .hevc, .mpeg].contains(family) else {
      unsafe (parser, context) = (nil, nil)
      return
    }
    unsafe parser = av_parser_init(Int32(codec.pointee.codec_id.rawValue))
    unsafe context = avcodec_alloc_context3(video.codec)
    guard unsafe parser != nil, unsafe context != nil, unsafe avcodec_parameters_to_context(context, codec) >= 0 else {
      return nil
    }
    unsafe parser!.pointee.flags |= PARSER_FLAG_COMPLETE_FRAMES
  }

  deinit {
    if let parser = unsafe parser { unsafe av_parser_close(parser) }
    var context = unsafe context
    unsafe avcodec_free_context(&context)
  }

  private static func family(_ id: AVCodecID) -> Family? {
    switch id {
    case AV_CODEC_ID_H264: return .h264
    case AV_CODEC_ID_HEVC: return .hevc
    case AV_CODEC_ID_VP8: return .vp8
    case AV_CODEC_ID_VP9: return .vp9
    case AV_CODEC_ID_AV1: return .av1
    case AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4: return .mpeg
    case AV_CODEC_ID_MJPEG, AV_CODEC_ID_PRORES, AV_CODEC_ID_DNXHD, AV_CODEC_ID_RAWVIDEO: return .intra
    default: return nil
    }
  }

  private static func rule(_ family: Family, delay: Int) -> FrameOrder.Rule {
    switch family {
    case .h264: .byPlace(delay: delay, isHEVC: false)
    case .hevc: .byPlace(delay: delay, isHEVC: true)
    case .mpeg where delay > 0: .atNextReference
    default: .asDecoded
    }
  }

  /// What the packet holds; `nil` where it is not understood.
  func understand(_ packet: borrowing Packet) -> CodedPicture? {
    let bytes = unsafe packet.bytes.span
    guard bytes.count > 0 else { return nil }
    switch family {
    case .h264: return parse(packet).flatMap { h264(bytes, $0) }
    case .hevc: return parse(packet).flatMap { hevc(bytes, $0) }
    case .mpeg: return parse(packet).flatMap { mpeg(bytes, $0) }
    case .vp8: return VPxAV1Headers.vp8(bytes)
    case .vp9: return VPxAV1Headers.vp9(bytes)
    case .av1: return VPxAV1Headers.av1(bytes)
    case .intra: return CodedPicture(isEntry: true, isKey: true, isDroppable: true)
    }
  }

  private struct Header {
    var order: Int
    var type: AVPictureType
    var isWholeFrame: Bool
  }

  private func parse(_ packet: borrowing Packet) -> Header? {
    guard let parser = unsafe parser else { return nil }
    var out: UnsafeMutablePointer<UInt8>?
    var count: Int32 = 0
    let bytes = unsafe packet.bytes
    unsafe parser.pointee.output_picture_number = .min
    _ = unsafe av_parser_parse2(
      parser, context, &out, &count, bytes.baseAddress, Int32(bytes.count), ridley_av_no_pts, ridley_av_no_pts, -1)
    let structure = unsafe parser.pointee.picture_structure
    return unsafe Header(
      order: Int(parser.pointee.output_picture_number),
      type: AVPictureType(rawValue: UInt32(max(0, parser.pointee.pict_type))),
      isWholeFrame: structure == AV_PICTURE_STRUCTURE_FRAME || structure == AV_PICTURE_STRUCTURE_UNKNOWN)
  }

  private func h264(_ bytes: Span<UInt8>, _ header: Header) -> CodedPicture? {
    guard header.isWholeFrame, header.order != Int(Int32.min) else { return nil }
    var units = NALUnits(lengthSize: lengthSize)
    var recovery: RecoveryPoint?
    while let unit = units.next(bytes) {
      let (type, reference) = (bytes[unit.lowerBound] & 0x1F, bytes[unit.lowerBound] >> 5 & 3)
      switch type {
      case 6: recovery = RecoveryPoint(bytes.extracting(unit)) ?? recovery
      case 1, 5:
        let isStart = recovery.map { $0.isExact && $0.frames == 0 } ?? false
        let isEntry = type == 5 || isStart && header.type == AV_PICTURE_TYPE_I
        return CodedPicture(
          isEntry: isEntry, mayBegin: recovery != nil || header.type == AV_PICTURE_TYPE_I,
          isKey: type == 5 || recovery?.frames == 0, startsSequence: type == 5,
          order: header.order, isDroppable: reference == 0)
      case 2, 3, 4, 20, 21: return nil
      default: continue
      }
    }
    return nil
  }

  private func hevc(_ bytes: Span<UInt8>, _ header: Header) -> CodedPicture? {
    guard header.isWholeFrame, header.order != Int(Int32.min), !endsSequence(bytes) else { return nil }
    var units = NALUnits(lengthSize: lengthSize)
    while let unit = units.next(bytes), unit.count > 3 {
      let type = Int(bytes[unit.lowerBound] >> 1 & 0x3F)
      let layer = Int(bytes[unit.lowerBound] & 1) << 5 | Int(bytes[unit.lowerBound + 1] >> 3)
      guard layer == 0 else { continue }
      // ITU-T H.265, 7.3.2.2.1: the sequence's number of layers stands behind four bits of another number.
      if type == 33 { layers = max(layers, Int(bytes[unit.lowerBound + 2] >> 1 & 7) + 1) }
      guard type < 32 else { continue }
      let isEntry = (16...21).contains(type)
      let isTopLayer = layers > 0 && Int(bytes[unit.lowerBound + 1] & 7) == layers
      return CodedPicture(
        isEntry: isEntry, isKey: isEntry, startsSequence: isEntry && type != 21, order: header.order,
        isDroppable: type < 16 && type % 2 == 0 && isTopLayer, leansBack: type == 8 || type == 9)
    }
    return nil
  }

  /// An end-of-sequence unit makes the next entry a beginning, whatever it is.
  private func endsSequence(_ bytes: Span<UInt8>) -> Bool {
    let count = bytes.count
    return count > 6 && bytes[count - 2] == 36 << 1 && bytes[count - 1] == 1 && bytes[count - 5] == 0
      && bytes[count - 4] == 0 && (bytes[count - 3] == 1 || bytes[count - 3] == 2)
  }

  /// Packets of a few bytes are pictures that were not coded: the decoder shows nothing for them.
  private func mpeg(_ bytes: Span<UInt8>, _ header: Header) -> CodedPicture? {
    guard bytes.count > 19 else { return nil }
    switch header.type {
    case AV_PICTURE_TYPE_I: return CodedPicture(isEntry: true, isKey: true)
    case AV_PICTURE_TYPE_P: return CodedPicture()
    case AV_PICTURE_TYPE_B: return CodedPicture(isDroppable: true, leansBack: true)
    default: return nil
    }
  }
}

/// The message that decoding may begin at a picture that is no instant refresh (ITU-T H.264, D.1.8).
struct RecoveryPoint {
  /// Pictures after which all is right.
  var frames: Int
  /// Right to the bit, and joined to what was there before.
  var isExact: Bool

  /// `nil` where the unit of messages holds none.
  init?(_ unit: Span<UInt8>) {
    let plain = NALUnits.unescaped(unit)
    var offset = 1
    while offset + 2 < plain.count {
      let type = Self.number(plain, &offset)
      let length = Self.number(plain, &offset)
      if type == 6 {
        var cursor = BitCursor(at: offset)
        guard let frames = cursor.golomb(plain.span) else { return nil }
        let (exact, broken) = (cursor.bit(plain.span), cursor.bit(plain.span))
        (self.frames, isExact) = (frames, exact && !broken)
        return
      }
      offset += length
    }
    return nil
  }

  private static func number(_ bytes: [UInt8], _ offset: inout Int) -> Int {
    var value = 0
    while offset < bytes.count, bytes[offset] == 0xFF {
      value += 255
      offset += 1
    }
    if offset < bytes.count { value += Int(bytes[offset]) }
    offset += 1
    return value
  }
}
