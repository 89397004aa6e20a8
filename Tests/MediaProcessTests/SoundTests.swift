import Base
import Foundation
import Media
import TestKit
import Testing

@testable import MediaProcess

@Suite("Sound across processes")
struct SoundTests {
  static let pool = Lab.pool(2)
  private let folder = TemporaryFolder()

  private func made(_ name: String, _ arguments: [String]) throws -> String {
    let result = shell(["ffmpeg", "-v", "error", "-y"] + arguments + ["file:" + folder.file(name)])
    try #require(result.status == 0, "\(result.errors)")
    return folder.file(name)
  }

  private func film(_ name: String = "a.mkv", seconds: Int = 5) throws -> String {
    try made(
      name,
      [
        "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=\(seconds)", "-itsoffset", "0.4", "-f", "lavfi", "-i",
        "anoisesrc=d=\(seconds):r=44100:a=0.3", "-c:v", "mpeg4", "-c:a", "ac3",
      ])
  }

  private func compare(_ path: String) throws {
    let near = try #require(try SoundReader.open(path))
    let far = try #require(try Self.pool.openSound(MediaFile(path), deadline: Lab.soon()))
    #expect(near.info == far.info)
    while let block = try near.next() {
      #expect(try far.next() == block)
      #expect(far.tally == near.tally)
    }
    #expect(try far.next() == nil && far.tally == near.tally)
    #expect(try far.next() == nil)
  }

  @Test("Blocks, facts and counts are those of reading in process")
  func same() throws { try compare(try film()) }

  @Test("So they are where packets are damaged")
  func damaged() throws {
    let whole = try film()
    try compare(try made("b.mkv", ["-i", whole, "-c", "copy", "-bsf:a", "noise=amount='30*between(pts*tb,1,3)'"]))
    let cut = folder.file("cut.mkv")
    try Data([UInt8](try Data(contentsOf: URL(filePath: whole))).prefix(60_000)).write(to: URL(filePath: cut))
    try compare(cut)
  }

  @Test("A film without sound has none, and its process is free again")
  func silent() throws {
    let path = try made("silent.mp4", ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1"])
    for _ in 0..<4 { #expect(try Self.pool.openSound(MediaFile(path), deadline: Lab.soon()) == nil) }
    #expect(Self.pool.processCount <= 2)
  }

  @Test("What is no media is refused in the same words")
  func refusals() throws {
    for (name, bytes) in [
      ("noise", (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7919) }), ("words", Array("no sound".utf8)),
    ] {
      try Data(bytes).write(to: URL(filePath: folder.file(name)))
      var faults: [String] = []
      do throws(Fault) { _ = try SoundReader.open(folder.file(name)) } catch { faults.append(error.message) }
      do throws(Fault) { _ = try Self.pool.openSound(SharedBytes(bytes), deadline: Lab.soon()) } catch {
        faults.append(error.message)
      }
      #expect(faults.count == 2 && faults[0] == faults[1], "\(faults)")
    }
  }

  @Test("A process that dies is a fault, and the next film is heard")
  func death() throws {
    let pool = Lab.pool()
    let path = try film()
    let reader = try #require(try pool.openSound(MediaFile(path), deadline: Lab.soon()))
    _ = try reader.next()
    Lab.end(reader.processID)
    #expect(throws: Fault.self) { while try reader.next() != nil {} }
    #expect(try #require(try pool.openSound(MediaFile(path), deadline: Lab.soon())).next() != nil)
  }

  @Test("A process goes back when its reader is closed, let go, or at its end, and reads pictures then")
  func returning() throws {
    let pool = Lab.pool()
    let path = try film()
    for round in 0..<3 {
      let reader = try #require(try pool.openSound(MediaFile(path), deadline: Lab.soon()))
      if round == 1 { reader.close() }
      if round == 2 { while try reader.next() != nil {} }
    }
    let pictures = try pool.open(MediaFile(path), deadline: Lab.soon(20))
    #expect(try pictures.next() != nil && pool.processCount == 1)
  }

  private static let liar = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "liar.py").path

  @Test(
    "Whatever a lying process says is a fault and never a crash",
    arguments: [
      "empty", "long", "garbage", "wrong-kind", "short", "huge-count", "hello-twice", "quit", "sound-far", "sound-many",
      "sound-nan", "sound-rate", "random-1", "random-2", "random-3",
    ])
  func lies(_ kind: String) {
    let pool = Lab.pool {
      $0.program = "/usr/bin/python3"
      $0.arguments = ["-S", "-E", Self.liar, kind]
    }
    #expect(throws: Fault.self) {
      let reader = try pool.openSound(SharedBytes([1, 2, 3]), deadline: Lab.soon(20))
      for _ in 0..<64 { _ = try reader?.next() }
      throw Fault(.bug, "it was believed")
    }
  }
}
