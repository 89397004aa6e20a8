public import Base
public import Catalog

/// Says what a file is: the port through which the library asks, since foreign bytes are opened in processes of their own.
public protocol MediaExaminer: Sendable {
  /// Faults are those of the file: `badInput` where it is no picture or video.
  func examine(_ path: String) throws(Fault) -> Examination
}

public struct Examination: Sendable {
  public var facts: MediaFacts
  /// A JPEG of a frame near the beginning, at most 640 pixels wide.
  public var thumbnail: [UInt8]

  public init(facts: MediaFacts, thumbnail: [UInt8]) { (self.facts, self.thumbnail) = (facts, thumbnail) }
}
