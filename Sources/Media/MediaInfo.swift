public import Base

/// What a file says about itself and about its picture.
///
/// Names of formats, codecs and colours are FFmpeg's; `unknown` where the file says nothing.
public struct MediaInfo: Sendable, Hashable {
  /// The demuxer: `mov,mp4,m4a,3gp,3g2,mj2`, `matroska,webm`, `png_pipe`.
  public var format: String
  /// Seconds; `nil` where the file does not say and it cannot be told from its timestamps.
  public var duration: Double?
  public var byteCount: Int
  public var streamCount: Int
  public var hasAudio: Bool
  /// A single still, not a video.
  public var isPicture: Bool

  /// The chosen stream.
  public var streamIndex: Int
  public var codec: String
  public var profile: String
  /// The decoder's picture, before it is turned.
  public var codedSize: Size
  /// The picture as people see it: turned upright, with square pixels.
  public var size: Size
  public var sampleAspect: Ratio
  public var orientation: Orientation
  /// Average; 0/0 where it is not known.
  public var frameRate: Ratio
  public var timeBase: Ratio
  /// What the container says, which is not always how many can be decoded.
  public var frameCount: Int?
  /// In the time base.
  public var startPTS: Int?

  public var pixelFormat: String
  public var bitDepth: Int
  /// As written in the stream.
  public var colorMatrix: String
  public var colorRange: String
  public var colorPrimaries: String
  public var colorTransfer: String
  /// As used, where the stream says nothing or something rare.
  public var usedMatrix: ColorMatrix
  public var usesFullRange: Bool

  /// Every fact by its name, for those who pass them on.
  package init(
    format: String, duration: Double?, byteCount: Int, streamCount: Int, hasAudio: Bool, isPicture: Bool,
    streamIndex: Int, codec: String, profile: String, codedSize: Size, size: Size, sampleAspect: Ratio,
    orientation: Orientation, frameRate: Ratio, timeBase: Ratio, frameCount: Int?, startPTS: Int?, pixelFormat: String,
    bitDepth: Int, colorMatrix: String, colorRange: String, colorPrimaries: String, colorTransfer: String,
    usedMatrix: ColorMatrix, usesFullRange: Bool
  ) {
    (self.format, self.duration, self.byteCount, self.streamCount) = (format, duration, byteCount, streamCount)
    (self.hasAudio, self.isPicture) = (hasAudio, isPicture)
    (self.streamIndex, self.codec, self.profile) = (streamIndex, codec, profile)
    (self.codedSize, self.size, self.sampleAspect, self.orientation) = (codedSize, size, sampleAspect, orientation)
    (self.frameRate, self.timeBase, self.frameCount, self.startPTS) = (frameRate, timeBase, frameCount, startPTS)
    (self.pixelFormat, self.bitDepth, self.usedMatrix) = (pixelFormat, bitDepth, usedMatrix)
    (self.colorMatrix, self.colorRange) = (colorMatrix, colorRange)
    (self.colorPrimaries, self.colorTransfer, self.usesFullRange) = (colorPrimaries, colorTransfer, usesFullRange)
  }
}
