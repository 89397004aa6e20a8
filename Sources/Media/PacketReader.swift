public import Base
internal import CFFmpeg

/// The coded pictures of a film, in the order in which they are decoded, as the file has them.
///
/// One thread at a time.
public final class PacketReader {
  public struct Coded: Sendable {
    public let bytes: [UInt8]
    /// When it is shown, in seconds by the file's own count.
    public let time: Double
    public let isKey: Bool
  }

  /// How many pictures are decoded before one that is shown earlier.
  public let delay: Int
  private let source: Source

  public init(_ file: MediaFile, limits: DecodeLimits = DecodeLimits()) throws(Fault) {
    source = try Source(file, limits: limits)
    delay = unsafe Int(max(0, source.video.stream.pointee.codecpar.pointee.video_delay))
  }

  /// `nil` at the end, and where the rest cannot be read.
  public func next() -> Coded? {
    while source.read() >= 0 {
      defer { source.packet.drop() }
      guard let pts = source.packet.pts else { continue }
      return unsafe Coded(
        bytes: Array(source.packet.bytes), time: Double(pts) * source.facts.timeBase.value,
        isKey: source.packet.isKey)
    }
    return nil
  }

  /// Says to a stream that is to be written what this one is.
  @unsafe func tell(_ stream: UnsafeMutablePointer<AVStream>) throws(Fault) {
    try AVError.require(
      unsafe avcodec_parameters_copy(stream.pointee.codecpar, source.video.stream.pointee.codecpar), "write MP4")
    let isHEVC = unsafe stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_HEVC
    unsafe stream.pointee.codecpar.pointee.codec_tag = isHEVC ? StreamParameters.hevcTag : 0
    unsafe stream.pointee.sample_aspect_ratio = source.video.stream.pointee.sample_aspect_ratio
    guard let matrix = unsafe ridley_av_stream_matrix(source.video.stream) else { return }
    let place = unsafe av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 36)
    unsafe place?.update(from: UnsafeRawPointer(matrix).assumingMemoryBound(to: UInt8.self), count: 36)
  }
}
