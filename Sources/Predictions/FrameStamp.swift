/// Which frame of which file a prediction is about.
public struct FrameStamp: Sendable, Hashable {
  /// The file's name, without its folder.
  public var file: String
  /// Number of the frame in decoding order of display, from 0.
  public var index: Int
  /// In ticks of the stream's time base; `nil` for pictures and for streams without timestamps.
  public var pts: Int?
  /// Seconds from the start of the file.
  public var time: Double

  public init(file: String, index: Int, pts: Int? = nil, time: Double) {
    (self.file, self.index, self.pts, self.time) = (file, index, pts, time)
  }
}
