import Base
import Foundation
import Media
import TestKit
import Testing

@testable import MediaProcess

@Suite("Reading across processes")
struct RemoteReaderTests {
  static let pool = Lab.pool(2)

  @Test("Frames, times, pictures and counts are those of decoding in process", arguments: Lab.small)
  func same(_ name: String) throws {
    try Lab.compare(try Lab.film(name), .all, in: Self.pool)
    try Lab.compare(try Lab.film(name), .every(seconds: 1), in: Self.pool)
  }

  @Test("So they are on real clips", .enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
  func clips() throws {
    for clip in TestData.clips.filter({ (try? FileSystem.byteCount(of: TestData.path($0))) ?? .max < 8 << 20 }) {
      try Lab.compare(TestData.path(clip), .keyFrames, in: Self.pool, frames: 3)
    }
  }

  @Test("So they are on real pictures", .enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
  func pictures() throws {
    let names = FileManager.default.enumerator(atPath: TestData.folder!)!.compactMap { $0 as? String }.sorted()
    let pictures = names.filter { name in [".jpg", ".jpeg", ".png", ".webp", ".bmp"].contains { name.hasSuffix($0) } }
    for name in stride(from: 0, to: pictures.count, by: max(1, pictures.count / 40)).map({ pictures[$0] }) {
      let path = TestData.path(name)
      guard (try? MediaReader(path)) != nil else { continue }
      try Lab.compare(path, .all, in: Self.pool)
    }
  }

  @Test("A damaged clip is counted as it is in process")
  func damaged() throws {
    // Of pictures that stand alone: what FFmpeg paints over others depends on how far its threads got.
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: try Lab.film("mjpeg.mov"))))
    var dice = SeededRandom(7)
    for place in stride(from: 3000, to: bytes.count - 9000, by: 1500) { bytes[place] = dice.next() }
    let folder = TemporaryFolder()
    try Data(bytes).write(to: URL(filePath: folder.file("damaged.mov")))
    try Lab.compare(folder.file("damaged.mov"), .all, in: Self.pool)
  }

  @Test("What is not media is refused in the same words")
  func refusals() throws {
    let folder = TemporaryFolder()
    let contents: [(String, [UInt8])] = [
      ("noise", (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7919) }),
      ("list", Array("#EXTM3U\n#EXTINF:1,\nx.ts\n".utf8)),
      ("empty", []),
      ("cut", Array([UInt8](try Data(contentsOf: URL(filePath: try Lab.film("h264.mp4")))).prefix(2000))),
    ]
    for (name, bytes) in contents {
      try Data(bytes).write(to: URL(filePath: folder.file(name)))
      var faults: [Fault?] = []
      do throws(Fault) { _ = try MediaReader(folder.file(name)) } catch { faults.append(error) }
      do throws(Fault) {
        _ = try Self.pool.open(SharedBytes(bytes), deadline: Lab.soon())
      } catch { faults.append(error) }
      #expect(faults.count == 2 && faults[0] == faults[1], "\(name): \(faults)")
    }
  }

  @Test("A file need not be in memory")
  func files() throws {
    let path = try Lab.film("h264.mp4")
    let reader = try Self.pool.open(try MediaFile(path), sampling: .keyFrames, deadline: Lab.soon())
    #expect(reader.info == (try MediaReader(path)).info)
    #expect(try reader.next()?.index == 0)
  }

  @Test("Buffers outlive their reader and its process; frames outlive the reader's name")
  func lives() throws {
    let pool = Lab.pool()
    var reader: RemoteReader? = try pool.open(try Lab.bytes(try Lab.film("picture.jpg")), deadline: Lab.soon())
    let frame = try #require(try reader!.next())
    let size = Size(width: 64, height: 64)
    let whole = Rect(x: 0, y: 0, width: Double(frame.size.width), height: Double(frame.size.height))
    let buffer = try reader!.makeBuffer(byteCount: size.area * 3)
    let id = reader!.processID
    reader = nil
    try frame.render(
      into: buffer, size: size, source: whole, target: Rect(x: 0, y: 0, width: 64, height: 64), order: .rgb, pad: 0)
    let bytes = buffer.bytes
    #expect(UInt(bitPattern: bytes.pointer.baseAddress) % 64 == 0)
    let own = try #require(try MediaReader(try Lab.film("picture.jpg")).next())
    #expect(Array(bytes.pointer) == (try own.rgb(size: size)))
    kill(id, SIGKILL)
    #expect(throws: Fault.self) { try frame.rgb() }
    #expect(Array(bytes.pointer) == (try own.rgb(size: size)))
  }

  @Test("A closed reader and its frames say so")
  func closed() throws {
    let reader = try Self.pool.open(try Lab.bytes(try Lab.film("h264.mp4")), deadline: Lab.soon())
    let frame = try #require(try reader.next())
    reader.close()
    #expect(throws: Fault.self) { try frame.rgb() }
    #expect(throws: Fault.self) { try reader.next() }
  }

  @Test("The sandbox refuses files, sockets, processes, programs and new code")
  func sandbox() throws {
    let said = Said()
    let pool = Lab.pool { $0.warn = { said.add($0) } }
    let reader = try pool.open(try Lab.bytes(try Lab.film("picture.png")), deadline: Lab.soon())
    let doors = try reader.openDoors()
    // A kernel without seccomp is told of in the log.
    if said.all.isEmpty { #expect(doors == []) }
    #expect(try reader.next() != nil, "the process works on after it was refused")
  }
}

/// What was told, from any thread.
final class Said: @unchecked Sendable {
  private let lock = NSLock()
  private var texts: [String] = []
  func add(_ text: String) { lock.withLock { texts.append(text) } }
  var all: [String] { lock.withLock { texts } }
}
