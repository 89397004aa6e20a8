public import Base

/// Finds a frame of a film again: the port through which the library asks, since foreign bytes are decoded in processes of their own.
public protocol FrameFinder: Sendable {
  /// The frame with a number, as decoding from the start gives it; `nil` where the file has fewer.
  ///
  /// `index` is what an analysis kept of the film's frames, by which it need not be read from the start.
  func frame(_ number: Int, of path: String, isPicture: Bool, index: [UInt8]?) throws(Fault) -> FoundFrame?
}

public struct FoundFrame: Sendable {
  public let index: Int
  /// In the stream's time base, where the file gives it.
  public let pts: Int?
  /// Seconds.
  public let time: Double
  public let size: Size
  /// SHA-256 of the upright picture in its own size, three bytes a pixel, red first.
  public let digest: String
  /// The picture as JPEG.
  public let jpeg: [UInt8]

  public init(index: Int, pts: Int?, time: Double, size: Size, digest: String, jpeg: [UInt8]) {
    (self.index, self.pts, self.time, self.size) = (index, pts, time, size)
    (self.digest, self.jpeg) = (digest, jpeg)
  }
}
