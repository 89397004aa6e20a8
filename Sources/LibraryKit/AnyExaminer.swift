public import Base
import Catalog
public import Library

/// Takes any bytes for a film of some seconds.
public struct AnyExaminer: MediaExaminer {
  private let seconds: Double

  public init(seconds: Double = 10) { self.seconds = seconds }

  public func examine(_ path: String) throws(Fault) -> Examination {
    Examination(
      facts: MediaFacts(
        isPicture: false, size: Size(width: 64, height: 48), duration: seconds, codec: "none", format: "none",
        frameRate: Ratio(25, 1), color: "", rotation: ""), thumbnail: [1, 2, 3])
  }
}
