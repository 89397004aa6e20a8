public import Base
internal import CFFmpeg

/// Puts coded pictures as they come into fragmented MP4, each as soon as it is there, and leaves them as they are.
///
/// The head goes first, then the fragments, in order; a player may begin with the head and any fragment of a key frame. One thread at a time.
public final class LiveMuxer {
  /// A coded picture, and when it is shown and decoded, in ticks.
  public struct Moment: Sendable, Hashable {
    public var pts: Int
    public var dts: Int
    public var duration: Int
    public var isKey: Bool

    public init(pts: Int, dts: Int, duration: Int, isKey: Bool) {
      (self.pts, self.dts, self.duration, self.isKey) = (pts, dts, duration, isKey)
    }
  }

  /// The film's beginning, with all that a decoder has to know.
  public let head: [UInt8]
  /// What is in it, as RFC 6381 names it: `avc1.64001f`.
  public let codecs: String
  public let size: Size
  /// Browsers may play it; else it is for files alone.
  public var isPlayed: Bool { CodecName.isPlayed(codecs) }

  private let film: OpenFilm
  private let packet: Packet

  /// For pictures as ``LiveDecoder`` takes them, of which `parameters` tell size and kind; times count so many ticks a second.
  ///
  /// Faults are `unsupported` (codecs that this FFmpeg cannot put into MP4), `badInput` (parameters that tell nothing).
  public convenience init(_ parameters: StreamParameters, timescale: Int) throws(Fault) {
    unsafe try self.init(timescale: timescale) { (stream) throws(Fault) in unsafe try parameters.tell(stream) }
  }

  /// For the packets of a file as they are.
  public convenience init(_ reader: PacketReader, timescale: Int) throws(Fault) {
    unsafe try self.init(timescale: timescale) { (stream) throws(Fault) in unsafe try reader.tell(stream) }
  }

  private init(
    timescale: Int, describe: (UnsafeMutablePointer<AVStream>) throws(Fault) -> Void
  ) throws(Fault) {
    AVError.silenced
    film = unsafe try OpenFilm(timescale: timescale, describe: describe)
    packet = try Packet()
    (head, size) = (film.head, film.size)
    codecs = try CodecName.read(head)
  }

  /// One picture as a fragment, with the times that were given; each is decoded later than the one before.
  ///
  /// FFmpeg takes the end of a picture for the moment at which the next one is decoded, and has one that comes sooner be shown as it is
  /// decoded. So it is told the least duration, and the true times are written over its own.
  public func fragment(_ bytes: Span<UInt8>, at moment: Moment) throws(Fault) -> [UInt8] {
    try packet.fill(with: bytes)
    unsafe packet.packet.pointee.pts = Int64(moment.pts)
    unsafe packet.packet.pointee.dts = Int64(moment.dts)
    unsafe packet.packet.pointee.duration = 1
    unsafe packet.packet.pointee.flags = moment.isKey ? AV_PKT_FLAG_KEY : 0
    defer { packet.drop() }
    var fragment = try film.write(packet)
    guard let places = Self.places(in: fragment) else { throw Fault(.bug, "a fragment of MP4 has no times") }
    Self.write(max(1, moment.duration), 4, at: places.duration, in: &fragment)
    Self.write(moment.dts, 8, at: places.dts, in: &fragment)
    return fragment
  }

  /// Where the duration stands in `tfhd`, and the time of decoding in `tfdt` of the only track (ISO/IEC 14496-12, 8.8.7 and 8.8.12).
  private static func places(in fragment: [UInt8]) -> (duration: Int, dts: Int)? {
    func content(of name: String, in bytes: ArraySlice<UInt8>?) -> ArraySlice<UInt8>? {
      bytes.flatMap { bytes in ISOBox.list(bytes).first { $0.name == name } }.map { fragment[$0.content] }
    }
    let track = content(of: "traf", in: content(of: "moof", in: fragment[...]))
    guard let header = content(of: "tfhd", in: track), let time = content(of: "tfdt", in: track) else { return nil }
    var cursor = ByteCursor(header)
    let marks = cursor.number(4)
    let duration = header.startIndex + 8 + (marks & 1 != 0 ? 8 : 0) + (marks & 2 != 0 ? 4 : 0)
    guard marks & 8 != 0, duration + 4 <= header.endIndex, time.first == 1, time.count == 12 else { return nil }
    return (duration, time.startIndex + 4)
  }

  private static func write(_ number: Int, _ count: Int, at place: Int, in bytes: inout [UInt8]) {
    for step in 0..<count { bytes[place + step] = UInt8(truncatingIfNeeded: number >> ((count - 1 - step) * 8)) }
  }
}

/// An MP4 film that is written into memory, piece by piece: one owner, freed when it goes away.
@safe private struct OpenFilm: ~Copyable {
  private let context: UnsafeMutablePointer<AVFormatContext>
  let head: [UInt8]

  init(timescale: Int, describe: (UnsafeMutablePointer<AVStream>) throws(Fault) -> Void) throws(Fault) {
    var context: UnsafeMutablePointer<AVFormatContext>?
    do throws(Fault) {
      try AVError.require(unsafe avformat_alloc_output_context2(&context, nil, "mp4", nil), "write MP4")
      guard let stream = unsafe avformat_new_stream(context, nil) else { throw .noMemory(to: "write MP4") }
      unsafe try describe(stream)
      unsafe stream.pointee.time_base = AVRational(num: 1, den: Int32(clamping: timescale))
      unsafe context!.pointee.flags |= AVFMT_FLAG_FLUSH_PACKETS | AVFMT_FLAG_BITEXACT
      head = unsafe try OpenFilm.collect(context!) { (context) throws(Fault) in
        unsafe try OpenFilm.begin(context, timescale)
      }
    } catch {
      unsafe avformat_free_context(context)
      throw error
    }
    unsafe self.context = context!
  }

  deinit { unsafe avformat_free_context(context) }

  var size: Size {
    let codec = unsafe context.pointee.streams[0]!.pointee.codecpar!.pointee
    return unsafe Size(width: Int(codec.width), height: Int(codec.height))
  }

  func write(_ packet: borrowing Packet) throws(Fault) -> [UInt8] {
    unsafe packet.packet.pointee.stream_index = 0
    return unsafe try OpenFilm.collect(context) { (context) throws(Fault) in
      try AVError.require(unsafe av_write_frame(context, packet.packet), "write a fragment of MP4")
      // Nothing is written before this says that the fragment is complete.
      try AVError.require(unsafe av_write_frame(context, nil), "write a fragment of MP4")
    }
  }

  /// The times are kept as they are given, and no list of all fragments is kept for an end that never comes.
  private static func begin(_ context: UnsafeMutablePointer<AVFormatContext>, _ timescale: Int) throws(Fault) {
    var options: OpaquePointer?
    let flags = "+frag_custom+empty_moov+default_base_moof+frag_discont+skip_trailer"
    _ = unsafe av_dict_set(&options, "movflags", flags, 0)
    _ = unsafe av_dict_set_int(&options, "use_editlist", 0, 0)
    _ = unsafe av_dict_set_int(&options, "video_track_timescale", Int64(timescale), 0)
    _ = unsafe av_dict_set(&options, "avoid_negative_ts", "disabled", 0)
    let code = unsafe avformat_write_header(context, &options)
    unsafe av_dict_free(&options)
    try AVError.require(code, "begin an MP4 film of these pictures")
  }

  /// What the library writes meanwhile.
  private static func collect(
    _ context: UnsafeMutablePointer<AVFormatContext>,
    _ body: (UnsafeMutablePointer<AVFormatContext>) throws(Fault) -> Void
  ) throws(Fault) -> [UInt8] {
    try AVError.require(unsafe avio_open_dyn_buf(&context.pointee.pb), "write MP4")
    var bytes: UnsafeMutablePointer<UInt8>?
    do throws(Fault) {
      unsafe try body(context)
    } catch {
      _ = unsafe avio_close_dyn_buf(context.pointee.pb, &bytes)
      unsafe av_free(bytes)
      unsafe context.pointee.pb = nil
      throw error
    }
    let count = unsafe avio_close_dyn_buf(context.pointee.pb, &bytes)
    unsafe context.pointee.pb = nil
    defer { unsafe av_free(bytes) }
    return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }
}
