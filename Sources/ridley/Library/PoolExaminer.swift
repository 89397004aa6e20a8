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
    guard let frame = try reader.next() else { throw Fault(.badInput, "it has no picture that can be decoded") }
    let size = Self.thumbnailSize(of: frame.size)
    let thumbnail = try JPEG.encode(rgb: try frame.rgb(size: size), size: size)
    return Examination(facts: MediaFacts(reader.info), thumbnail: thumbnail)
  }

  static func thumbnailSize(of size: Size) -> Size {
    let longest = max(size.width, size.height, 1)
    guard longest > 640 else { return size }
    return Size(width: max(1, size.width * 640 / longest), height: max(1, size.height * 640 / longest))
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
