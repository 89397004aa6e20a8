import Base
import Catalog
import Isolation
import Library
import Media
import MediaProcess

/// Asks what a file is in a process of its own, so that a hostile one costs itself alone.
final class PoolExaminer: MediaExaminer {
  private let pool: MediaPool
  private let seconds: Double

  init(_ pool: MediaPool, seconds: Double = 60) { (self.pool, self.seconds) = (pool, seconds) }

  convenience init() { self.init(MediaPool(limit: 1)) }

  func examine(_ path: String) throws(Fault) -> Examination {
    let reader = try pool.open(
      try MediaFile(path), sampling: .all, deadline: Clock.now + UInt64(seconds * 1e9))
    defer { reader.close() }
    guard let frame = try reader.next() else { throw Examination.noPicture }
    return try Examination(reader.info, frame.size) { (size) throws(Fault) in try frame.rgb(size: size) }
  }
}

/// The same, with a process that is begun as the first file comes.
final class LatePoolExaminer: MediaExaminer {
  private let examiner = Monitor<PoolExaminer?>(nil)

  func examine(_ path: String) throws(Fault) -> Examination {
    let begun = examiner.update { examiner in
      let here = examiner ?? PoolExaminer()
      examiner = here
      return here
    }
    return try begun.examine(path)
  }
}

extension Examination {
  static let noPicture = Fault(.badInput, "it has no picture that can be decoded")

  /// Of a first frame, which `rgb` gives in a size.
  init(_ info: MediaInfo, _ size: Size, rgb: (Size) throws(Fault) -> [UInt8]) throws(Fault) {
    let longest = max(size.width, size.height, 1)
    let small =
      longest > 640
      ? Size(width: max(1, size.width * 640 / longest), height: max(1, size.height * 640 / longest)) : size
    self.init(facts: MediaFacts(info), thumbnail: try JPEG.encode(rgb: try rgb(small), size: small))
  }
}

extension MediaFacts {
  init(_ info: MediaInfo) {
    self.init(
      isPicture: info.isPicture, size: info.size, duration: info.isPicture ? nil : info.duration, codec: info.codec,
      format: info.format, frameRate: info.isPicture ? Ratio(0, 0) : info.frameRate,
      color: "\(info.colorMatrix) \(info.colorRange) \(info.colorPrimaries) \(info.colorTransfer)",
      rotation: "\(info.orientation)")
  }
}
