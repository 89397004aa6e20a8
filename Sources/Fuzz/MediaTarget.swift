internal import Base
internal import Media
internal import TestKit

/// Videos with their sound, pictures, and indexes of videos.
enum MediaTarget {
  private static let limits = DecodeLimits(maxPixels: 1 << 20)

  static func look(at path: String) throws(Fault) {
    for sampling in [Sampling.all, .every(seconds: 0.1), .keyFrames] {
      let reader = try MediaReader(path, sampling: sampling, threads: 1, limits: limits, indexes: true)
      let size = Size(width: 32, height: 24)
      for _ in 0..<32 {
        guard let frame = try reader.next() else { break }
        _ = try frame.rgb(size: size)
      }
      if let index = reader.index { try compare(FrameIndex(index, of: try SourceStamp(path))) }
    }
  }

  /// The first minutes of a file's sound, twice: they are the same, without holes, and numbers.
  static func listen(to path: String) throws(Fault) {
    var blocks: [[SoundBlock]] = []
    for _ in 0..<2 {
      guard let reader = try SoundReader.open(path, limits: limits) else { return }
      var (heard, next) = ([SoundBlock](), reader.info.first)
      while heard.count < 120, let block = try reader.next() {
        precondition(block.start == next && block.samples.allSatisfy { abs($0) <= 64 }, "sound has a hole")
        next = block.end
        heard.append(block)
      }
      blocks.append(heard)
    }
    precondition(blocks[0] == blocks[1], "the same file sounds different")
  }

  /// What was made comes back from its bytes.
  private static func compare(_ index: FrameIndex) throws(Fault) {
    let again = try FrameIndex(body: index.body, source: index.source, timeBase: index.timeBase)
    precondition(again == index, "an index is another when it comes back")
  }

  /// Six frames, in every checkout.
  private static let video = Checkout.path + "/fuzz/corpus/video/seed-h264.mp4"

  /// An index that lies costs time, and gives no frame that is not there.
  static func index(_ bytes: [UInt8]) throws(Fault) {
    let stamp = try SourceStamp(video)
    let index = try FrameIndex(body: bytes, source: stamp, timeBase: Ratio(1, 12_800))
    for number in 0..<min(index.count, 64) {
      let record = index[number]
      _ = record.pts.flatMap { index.index(pts: $0) }
      _ = index.index(shownAt: record.time)
    }
    let access = try FrameAccess(video, index: index, limits: limits)
    for number in [index.count - 1, 0, index.count / 2, 3] {
      guard let frame = try access.frame(at: number) else { continue }
      precondition(frame.index == number, "another frame than the one asked for")
      _ = try frame.rgb(size: Size(width: 8, height: 8))
    }
  }
}
