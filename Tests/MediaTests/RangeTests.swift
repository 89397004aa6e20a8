import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// A film that is read in ranges is the film that is read in one go, or the reader says that it cannot tell.
struct RangeTests {
  static let isLong = ProcessInfo.processInfo.environment["RIDLEY_LONG_TESTS"] != nil
  /// Of every film with every sampling: RIDLEY_CUTTINGS asks for more.
  static let cuttings = ProcessInfo.processInfo.environment["RIDLEY_CUTTINGS"].flatMap { Int($0) } ?? 4
  static let samplings = [Sampling.all] + SparseTests.samplings

  /// What reading in one go gives, or reading range by range.
  struct Told: Equatable {
    var frames: [Films.Seen] = []
    var cells: [Int] = []
    var decoded = 0
    var first: Double?
    var last: Double?
  }

  @Test(arguments: Films.names)
  func `ranges give what reading in one go gives, however a film is cut`(_ name: String) throws {
    try Self.expectSame(
      Films.path(name), isSound: FrameIndexTests.fromPackets.contains(name) && !Self.doubtful.contains(name))
  }

  /// What comes out of these is damaged here and there when they are decoded as a whole, or begins with what cannot be decoded.
  static let doubtful: Set = ["cut.ts"]

  @Test(
    .enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)),
    arguments: TestData.clips.filter {
      RangeTests.isLong
        || [
          "unordered.mov", "corrupted.mp4", "av1_video.mkv", "h265_video.mp4", "rabbit320.webm", "delayed_start.mp4",
          "h264_10bits.mp4",
        ].contains(FileSystem.name(of: $0))
    })
  func `ranges of real clips give what reading in one go gives`(_ clip: String) throws {
    try Self.expectSame(TestData.path(clip), isSound: false)
  }

  @Test(
    arguments: [
      "open.ts", "open.mp4", "hevc.mp4", "vp9.webm", "mpeg2.ts", "mjpeg.avi", "prores.mov", "mpeg4.avi", "vp8.webm",
      "svt.mp4", "hevc-layers.ts", "mpeg2.mpg",
    ], 0..<4)
  func `a film with bytes gone wrong is in doubt, or read as it is in one go`(_ name: String, seed: Int) throws {
    var bytes = try Picturing.bytes(Films.path(name))
    var dice = SeededRandom(UInt64(seed))
    for _ in 0..<1 << seed {
      let place = Int.random(in: bytes.count / 8..<bytes.count * 7 / 8, using: &dice)
      for byte in place..<min(place + 40, bytes.count) { bytes[byte] = UInt8.random(in: 0...255, using: &dice) }
    }
    let path = folder.file(name)
    try Data(bytes).write(to: URL(filePath: path))
    try Self.expectSame(path, isSound: false)
  }

  @Test func `cells begin with the first entry in a new minute, in every way of reading`() throws {
    let path = try Picturing.ffmpeg(
      [
        "-f", "lavfi", "-i", "testsrc2=s=64x48:r=5:d=200", "-c:v", "libx264", "-g", "40", "-bf", "3", "-x264-params",
        "open-gop=1",
      ], to: "long.mp4", in: folder)
    let index = try FrameIndex(path)
    #expect(index.starts.count > 20)
    let expected = [0] + [60.0, 120, 180].map { minute in index.starts.first { index[$0].time >= minute }! }
    #expect(index.cells == expected)
    try Self.expectSame(path, isSound: true)
  }

  @Test(arguments: ["open.ts", "hevc.mp4", "vp9.webm", "mpeg2.ts", "svt.mp4", "mjpeg.avi"])
  func `cells of films of every kind are those of the index`(_ name: String) throws {
    let path = try Picturing.ffmpeg(
      ["-i", Films.path(name), "-c", "copy", "-output_ts_offset", "55.3"], to: "late-" + name, in: folder)
    let index = try FrameIndex(path)
    let reader = try MediaReader(path, indexes: true)
    var cells: [Int] = []
    while let frame = try reader.next() { cells.append(frame.cell) }
    #expect(cells == (0..<index.count).map { number in index.cells.lastIndex { $0 <= number } ?? 0 })
    #expect(index.cells.count == 2 || index.time(of: 0) < 50, "\(index.cells) from \(index.time(of: 0)) s on")
    try Self.expectSame(path, isSound: true)
  }

  @Test func `a range that begins where decoding cannot is in doubt, and so is a film that only decoding knows`() throws
  {
    let path = try Films.path("h264.mp4")
    let index = try FrameIndex(path)
    #expect(index.starts.prefix(3) == [0, 30, 60])
    for range in [3..<30, 0..<31, 30..<201, 5..<5] {
      #expect(try Self.read(path, index, range, .all) == .failure(.noEntry), "\(range)")
    }
    let whole = try Films.path("theora.ogv")
    #expect(try Self.read(whole, FrameIndex(whole), 0..<200, .all) == .failure(.noPackets))
    var other = index
    other = FrameIndex(source: SourceStamp(byteCount: 1, modified: 1), timeBase: index.timeBase)
    #expect(throws: Fault.self) { try Self.read(path, other, 0..<30, .all) }
  }

  @Test func `an index that does not tell the truth is in doubt, never another picture`() throws {
    let path = try Films.path("h264.mp4")
    let (seen, truth) = (try Films.all(path), try FrameIndex(path))
    var lie = FrameIndex(source: truth.source, timeBase: truth.timeBase)
    let entries = truth.entries.map { entry in
      var moved = entry
      moved.ordinal += 3
      return moved
    }
    lie.restore(truth.timestamps, [], truth.packets, [], entries, truth.frames.count)
    for sampling in Self.samplings {
      for (from, to) in zip(lie.starts, lie.starts.dropFirst() + [lie.count]) {
        guard case .success(let part) = try Self.read(path, lie, from..<to, sampling) else { continue }
        #expect(to - from == 200 && part.told.frames == seen, "decoded from the first packet on, no entry is needed")
      }
    }
  }

  private let folder = TemporaryFolder()

  // MARK: reading

  struct Part: Equatable {
    var told = Told()
    var packets = 0..<0
    var shared: [Int] = []
  }

  private static func read(
    _ path: String, _ index: FrameIndex, _ frames: Range<Int>, _ sampling: Sampling
  ) throws -> Result<Part, RangeReaderDoubt> {
    let reader = try RangeReader(MediaFile(path), index, frames: frames, sampling: sampling)
    var part = Part()
    while true {
      switch try reader.next() {
      case .frame(let frame):
        part.told.frames.append(Films.Seen(frame))
        part.told.cells.append(frame.cell)
      case .ended:
        (part.told.decoded, part.packets, part.shared) = (reader.framesDecoded, reader.packets, reader.shared)
        (part.told.first, part.told.last) = (reader.covered?.first, reader.covered?.last)
        return .success(part)
      case .doubt(let doubt): return .failure(RangeReaderDoubt(doubt))
      }
    }
  }

  /// Range by range; `nil` where one is in doubt.
  private static func readInParts(
    _ path: String, _ index: FrameIndex, cutAt cuts: [Int], _ sampling: Sampling
  ) throws -> Told? {
    var (all, borrowed) = (Told(), Set<Int>())
    let ends = cuts.sorted() + [index.count]
    for (from, to) in zip([0] + ends, ends) where from < to {
      guard case .success(let part) = try read(path, index, from..<to, sampling) else { return nil }
      all.frames += part.told.frames
      all.cells += part.told.cells
      all.decoded += part.told.decoded + borrowed.subtracting(part.shared).count
      borrowed = Set(part.shared.filter { $0 >= part.packets.upperBound })
      all.first = all.first ?? part.told.first
      if let last = part.told.last { all.last = max(all.last ?? last, last) }
    }
    return all
  }

  static func expectSame(_ path: String, isSound: Bool) throws {
    let index = try FrameIndex(path)
    let starts = index.starts.dropFirst()
    var dice = SeededRandom(5)
    for sampling in samplings {
      let reader = try MediaReader(path, sampling: sampling, indexes: true)
      var whole = Told()
      while let frame = try reader.next() {
        whole.frames.append(Films.Seen(frame))
        whole.cells.append(frame.cell)
      }
      (whole.decoded, whole.first, whole.last) = (reader.framesDecoded, reader.covered?.first, reader.covered?.last)
      for cutting in 0..<cuttings {
        let share = [0, 1, 0.3, 0.6][cutting % 4]
        let cuts = starts.filter { _ in Double.random(in: 0..<1, using: &dice) < share }
        let told = try readInParts(path, index, cutAt: cuts, sampling)
        if isSound { #expect(told != nil, "\(sampling), cut at \(cuts)") }
        guard let told else { continue }
        let isSame = told == whole
        #expect(
          isSame,
          """
          \(sampling), cut at \(cuts): decoded \(told.decoded) and \(whole.decoded), from \(told.first ?? -1) and \(whole.first ?? -1) \
          to \(told.last ?? -1) and \(whole.last ?? -1), frames \(told.frames.count) and \(whole.frames.count), \
          unlike \(zip(told.frames, whole.frames).filter { $0 != $1 }.map { ($0.index, $1.index) })
          """)
        #expect(reader.corrupt.count == 0, "\(sampling): damage was not seen")
        #expect(reader.index != nil)
      }
    }
  }
}

/// A doubt as what a result can fail with.
struct RangeReaderDoubt: Error, Equatable {
  let doubt: RangeReader.Doubt
  init(_ doubt: RangeReader.Doubt) { self.doubt = doubt }

  static let noEntry = RangeReaderDoubt(.noEntry)
  static let noPackets = RangeReaderDoubt(.noPackets)
}
