import Base
import Crypto
import Library
import Media
import MediaProcess

/// Finds frames again in processes that decode.
struct PoolFrames: FrameFinder {
  let pool: MediaPool
  var seconds = 60.0

  func frame(_ number: Int, of path: String, isPicture: Bool, index: [UInt8]?) throws(Fault) -> FoundFrame? {
    let reader = try pool.open(try MediaFile(path), deadline: Clock.now + UInt64(seconds * 1e9))
    defer { reader.close() }
    let found =
      if isPicture { number == 0 ? try reader.next() : nil } else { try reader.frame(at: number, index: index) }
    guard let found else { return nil }
    let picture = try found.rgb()
    return FoundFrame(
      index: found.index, pts: found.pts, time: found.time, size: found.size, digest: SHA256.hex(of: picture),
      jpeg: try JPEG.encode(rgb: picture, size: found.size))
  }
}
