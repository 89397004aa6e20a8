public import Base
internal import CFFmpeg

/// Takes pictures out of a container that comes byte by byte, each as soon as the container shows its end.
///
/// Nothing is decoded, guessed or kept back: what the container says counts. One thread at a time; it waits for as long as its reading does.
@safe public final class StreamDemuxer {
  /// Gives the next bytes, at most so many; none at the end.
  public typealias Read = (Int) throws(Fault) -> [UInt8]

  /// How pictures are packed, by FFmpeg's own names.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case transport = "mpegts"
    case flash = "flv"
    case fragments = "mov"
    /// JPEG pictures one after the other, which ``JPEGParts`` reads.
    case parts = "mpjpeg"

    /// What begins so, where some 600 bytes are enough; `nil` for anything else.
    public init?(start: [UInt8]) {
      let box = start.count >= 8 ? String(decoding: start[4..<8], as: UTF8.self) : ""
      if start.starts(with: Array("FLV".utf8)) {
        self = .flash
      } else if ["ftyp", "styp", "moof", "moov", "sidx", "emsg", "prft"].contains(box) {
        self = .fragments
      } else if Self.beginsPart(start) {
        self = .parts
      } else if StreamDemuxer.hasPackets(start) {
        self = .transport
      } else {
        return nil
      }
    }

    /// A picture, a boundary, or the head of a part, behind empty lines or not.
    private static func beginsPart(_ start: [UInt8]) -> Bool {
      let rest = start.drop { $0 == 10 || $0 == 13 || $0 == 32 }
      let word = String(decoding: rest.prefix(8), as: UTF8.self).lowercased()
      return rest.starts(with: [0xFF, 0xD8, 0xFF]) || word.hasPrefix("--") || word == "content-"
    }
  }

  /// Packets of 188 bytes, of which two at least are there, each with its mark.
  private static func hasPackets(_ start: [UInt8]) -> Bool {
    (0..<min(188, max(0, start.count - 188))).contains { first in
      stride(from: first, to: start.count, by: 188).allSatisfy { start[$0] == 0x47 }
    }
  }

  /// One picture as it was packed.
  public struct Unit: Sendable, Hashable {
    public var codec: LiveDecoder.Codec
    /// H.264 and HEVC with start codes and their parameters, AV1 as OBUs, JPEG as a file.
    public var bytes: [UInt8]
    /// When it is shown and when it is decoded, in ticks of ``StreamDemuxer/clockRate``; `nil` where the container does not say.
    public var pts: Int?
    public var dts: Int?
    public var isKey: Bool
    /// No part of it is known to be missing.
    public var isWhole: Bool
  }

  public static let clockRate = 90_000

  private let input: StreamInput
  private let context: UnsafeMutablePointer<AVFormatContext>
  private let packet: Packet
  private var video: Int32?
  private var filter: BitstreamFilter?

  /// - Throws: `badInput` for what is no such container, and what reading throws.
  public init(_ kind: Kind, read: @escaping Read) throws(Fault) {
    guard kind != .parts else { throw Fault(.bug, "JPEG pictures one after the other are in no container") }
    AVError.silenced
    input = try StreamInput(read)
    packet = try Packet()
    guard let format = unsafe av_find_input_format(kind.rawValue),
      var context = unsafe Optional(avformat_alloc_context())
    else {
      throw Fault(.unsupported, "this FFmpeg reads no \(kind.rawValue)")
    }
    unsafe context!.pointee.pb = input.context
    unsafe context!.pointee.flags |=
      AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN | AVFMT_FLAG_NOBUFFER
    unsafe context!.pointee.probesize = Int64(StreamCursor.bufferSize / 2)
    unsafe ridley_av_refuse_other_files(context)
    for (key, value) in [
      ("protocol_whitelist", "none"),
      ("format_whitelist", kind.rawValue == "mov" ? "mov,mp4,m4a,3gp,3g2,mj2" : kind.rawValue),
    ] {
      _ = unsafe av_opt_set(context, key, value, 0)
    }
    var options = unsafe OpaquePointer?.none
    if kind == .transport { _ = unsafe av_dict_set_int(&options, "max_packet_size", Int64(4 << 20), 0) }
    let code = unsafe avformat_open_input(&context, nil, format, &options)
    unsafe av_dict_free(&options)
    guard code >= 0, let context = unsafe context else {
      throw input.cursor.fault ?? Fault(.badInput, "what comes is broken from its beginning", cause: AVError.text(code))
    }
    unsafe self.context = context
  }

  deinit {
    var context: UnsafeMutablePointer<AVFormatContext>? = unsafe context
    unsafe avformat_close_input(&context)
  }

  /// The next picture; `nil` at the end.
  ///
  /// - Throws: `badInput` for what is broken beyond reading, `unsupported` for other codecs, and what reading throws.
  public func next() throws(Fault) -> Unit? {
    while true {
      packet.drop()
      let code = unsafe av_read_frame(context, packet.packet)
      guard code >= 0 else {
        if let fault = input.cursor.fault { throw fault }
        if code == ridley_av_eof { return nil }
        if code == ridley_av_again { continue }
        throw Fault(.badInput, "what comes is broken", cause: AVError.text(code))
      }
      if let unit = try unit() { return unit }
    }
  }

  /// The picture of the packet at hand, where it is one of the stream that is watched: the first that has pictures.
  private func unit() throws(Fault) -> Unit? {
    let index = unsafe packet.packet.pointee.stream_index
    guard index >= 0, unsafe index < Int32(context.pointee.nb_streams), unsafe packet.packet.pointee.size > 0 else {
      return nil
    }
    let stream = unsafe context.pointee.streams[Int(index)]!
    let parameters = unsafe stream.pointee.codecpar!
    guard unsafe parameters.pointee.codec_type == AVMEDIA_TYPE_VIDEO, index == video ?? index else { return nil }
    guard let codec = unsafe Self.codec(parameters.pointee.codec_id) else {
      let name =
        unsafe parameters.pointee.codec_id == AV_CODEC_ID_NONE
        ? "in a codec that is not known here" : "as \(AVError.name(avcodec_get_name(parameters.pointee.codec_id)))"
      throw Fault(.unsupported, "the pictures come \(name): set the source to H.264, HEVC, AV1 or MJPEG")
    }
    if video == nil { video = index }
    input.cursor.mark()
    try unsafe filtered(codec, parameters)
    let (flags, base) = unsafe (packet.packet.pointee.flags, stream.pointee.time_base)
    let ticks = { (time: Int64) -> Int? in
      time == ridley_av_no_pts ? nil : Int(av_rescale_q(time, base, AVRational(num: 1, den: Int32(Self.clockRate))))
    }
    let bytes = unsafe Array(packet.bytes)
    let (pts, dts) = unsafe (ticks(packet.packet.pointee.pts), ticks(packet.packet.pointee.dts))
    return Unit(
      codec: codec, bytes: bytes, pts: pts ?? dts, dts: dts ?? pts,
      isKey: flags & AV_PKT_FLAG_KEY != 0 || Self.beginsAnew(bytes, codec), isWhole: flags & AV_PKT_FLAG_CORRUPT == 0)
  }

  /// Has the packet at hand carry start codes and parameters, where the container keeps them apart.
  private func filtered(_ codec: LiveDecoder.Codec, _ parameters: UnsafeMutablePointer<AVCodecParameters>) throws(Fault)
  {
    var size = 0
    if let told = unsafe av_packet_get_side_data(packet.packet, AV_PKT_DATA_NEW_EXTRADATA, &size), size > 0 {
      let copy = unsafe av_mallocz(size + Int(AV_INPUT_BUFFER_PADDING_SIZE))
      guard let copy = unsafe copy?.assumingMemoryBound(to: UInt8.self) else { throw .noMemory(to: "read a stream") }
      unsafe copy.update(from: told, count: size)
      unsafe av_free(parameters.pointee.extradata)
      unsafe (parameters.pointee.extradata, parameters.pointee.extradata_size) = (copy, Int32(size))
      filter = nil
    }
    let isPacked = unsafe parameters.pointee.extradata_size > 6 && parameters.pointee.extradata[0] == 1
    guard isPacked, codec == .h264 || codec == .hevc else { return }
    if filter == nil {
      filter = unsafe try BitstreamFilter(codec == .h264 ? "h264_mp4toannexb" : "hevc_mp4toannexb", parameters)
    }
    filter?.apply(to: packet)
  }

  private static func codec(_ id: AVCodecID) -> LiveDecoder.Codec? {
    switch id {
    case AV_CODEC_ID_H264: .h264
    case AV_CODEC_ID_HEVC: .hevc
    case AV_CODEC_ID_AV1: .av1
    case AV_CODEC_ID_MJPEG: .mjpeg
    default: nil
    }
  }

  /// Decoding may begin with it, as its first unit of a picture tells.
  private static func beginsAnew(_ bytes: [UInt8], _ codec: LiveDecoder.Codec) -> Bool {
    guard codec == .h264 || codec == .hevc else { return codec == .mjpeg }
    var units = NALUnits(lengthSize: 0)
    while let place = units.next(bytes.span) {
      let type = codec == .h264 ? bytes[place.lowerBound] & 0x1F : bytes[place.lowerBound] >> 1 & 0x3F
      if codec == .h264, (1...5).contains(type) || type == 7 { return type == 5 || type == 7 }
      if codec == .hevc, type < 32 { return (16...21).contains(type) }
    }
    return false
  }
}

/// Writes packets anew without decoding them: one owner, freed when it goes away.
@safe private final class BitstreamFilter {
  private let context: UnsafeMutablePointer<AVBSFContext>

  init(_ name: String, _ parameters: UnsafeMutablePointer<AVCodecParameters>) throws(Fault) {
    var context = unsafe UnsafeMutablePointer<AVBSFContext>?.none
    guard let kind = unsafe av_bsf_get_by_name(name), unsafe av_bsf_alloc(kind, &context) >= 0,
      let made = unsafe context
    else {
      throw Fault(.unsupported, "this FFmpeg has no filter \(name)")
    }
    guard unsafe avcodec_parameters_copy(made.pointee.par_in, parameters) >= 0, unsafe av_bsf_init(made) >= 0 else {
      unsafe av_bsf_free(&context)
      throw Fault(.badInput, "the stream's parameters are broken")
    }
    unsafe self.context = made
  }

  deinit {
    var context: UnsafeMutablePointer<AVBSFContext>? = unsafe context
    unsafe av_bsf_free(&context)
  }

  /// One packet for one; what is broken leaves it empty.
  func apply(to packet: borrowing Packet) {
    guard unsafe av_bsf_send_packet(context, packet.packet) >= 0 else { return packet.drop() }
    guard unsafe av_bsf_receive_packet(context, packet.packet) >= 0 else { return packet.drop() }
  }
}
