public import Base
internal import CFFmpeg

/// What the stream says of one frame; nothing of its picture.
public struct FrameRecord: Sendable, Hashable {
  public var index: Int
  /// In the time base; `nil` where the file gives none.
  public var pts: Int?
  public var dts: Int?
  /// Seconds.
  public var time: Double
  public var isKeyFrame: Bool
  public var isCorrupt: Bool
  /// `I`, `P`, `B`; `?` where the codec does not say.
  public var type: Character
  /// Bytes of the packet it came in; `nil` where it is not known.
  public var byteCount: Int?
}

/// Lists the frames of a file in the order in which they are shown, by decoding them.
public final class FrameScanner {
  public var info: MediaInfo { reader.info }
  public var corrupt: CorruptFrames { reader.corrupt }
  private let reader: MediaReader

  public init(_ path: String, keyFramesOnly: Bool = false) throws(Fault) {
    reader = try MediaReader(path, keyFramesOnly: keyFramesOnly)
  }

  /// The next frame's record, or `nil` at the end.
  public func next() throws(Fault) -> FrameRecord? {
    guard let frame = try reader.next() else { return nil }
    let raw = unsafe frame.picture.frame
    let size = unsafe Int(ridley_av_frame_packet_size(raw))
    let letter = unsafe av_get_picture_type_char(raw.pointee.pict_type)
    return unsafe FrameRecord(
      index: frame.index, pts: frame.pts, dts: Timestamp.known(raw.pointee.pkt_dts), time: frame.time,
      isKeyFrame: frame.isKeyFrame, isCorrupt: frame.isCorrupt,
      type: Character(UnicodeScalar(UInt8(bitPattern: letter))), byteCount: size > 0 ? size : nil)
  }
}
