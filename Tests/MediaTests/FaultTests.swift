import Base
import Foundation
import TestKit
import Testing

@testable import Media

struct FaultTests {
  private let folder = TemporaryFolder()

  private func fault(_ bytes: [UInt8], _ name: String = "file.mp4") throws -> Fault {
    let path = folder.file(name)
    try Data(bytes).write(to: URL(filePath: path))
    return try refusal(path)
  }

  private func refusal(_ path: String) throws -> Fault {
    let fault = try #require(throws: Fault.self) { _ = try MediaReader(path) }
    #expect(!fault.message.contains(folder.path))
    return fault
  }

  @Test func `files that are no files are refused each in its own words`() throws {
    #expect(try refusal(folder.file("nothing.mp4")).kind == .notFound)
    #expect(try refusal(folder.path).message.contains("folder"))
    #expect(try fault([]).message.contains("empty"))
    #expect(try fault(Array("just a few words\n".utf8)).kind == .badInput)
    #expect(try fault((0..<9999).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) }).kind == .badInput)
    #expect(try refusal("/dev/null").kind == .badInput)
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"))
  func `a file without permission is denied`() throws {
    let path = folder.file("secret.mp4")
    try Data([1]).write(to: URL(filePath: path))
    chmod(path, 0)
    #expect(try refusal(path).kind == .denied)
  }

  @Test func `a file without its index says that it was cut short`() throws {
    let whole = try clip(["-c:v", "libx264"], "whole.mp4")
    let bytes = try Picturing.bytes(whole)
    #expect(try fault(Array(bytes[..<(bytes.count / 2)])).message.contains("ends before its index"))
  }

  @Test func `sound alone is told from a film`() throws {
    let path = try Picturing.ffmpeg(["-f", "lavfi", "-i", "sine=d=1"], to: "sound.m4a", in: folder)
    #expect(try refusal(path).message.contains("sound"))
  }

  @Test func `the cover of a song is not a film`() throws {
    let cover = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "testsrc=s=64x64", "-frames:v", "1"], to: "cover.png", in: folder)
    let path = try Picturing.ffmpeg(
      [
        "-f", "lavfi", "-i", "sine=d=1", "-i", cover, "-map", "0", "-map", "1", "-c:v", "copy",
        "-disposition:v:0", "attached_pic",
      ], to: "song.m4a", in: folder)
    #expect(try refusal(path).message.contains("sound"))
  }

  @Test func `lists of other files are refused and nothing is opened`() throws {
    let clip = try clip(["-c:v", "libx264"], "inner.mp4")
    #expect(try fault(Array("ffconcat version 1.0\nfile '\(clip)'\n".utf8), "list.ffconcat").kind == .badInput)
    let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n\(clip)\n#EXT-X-ENDLIST\n"
    #expect(try fault(Array(playlist.utf8), "list.m3u8").message.contains("other files"))
    #expect(
      try fault(Array("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5004 RTP/AVP 96\n".utf8), "a.sdp").kind == .badInput)
  }

  @Test func `pictures beyond the limit are refused before they are decoded`() throws {
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "color=s=400x300", "-frames:v", "1"], to: "big.png", in: folder)
    let film = try clip(["-c:v", "libx264"], "film.mp4")
    for file in [path, film] {
      #expect(throws: Fault.self) { _ = try MediaReader(file, limits: DecodeLimits(maxPixels: 1000)) }
    }
    var header = try Picturing.bytes(path)
    header.replaceSubrange(16..<24, with: [0, 0, 0x70, 0, 0, 0, 0x70, 0])
    #expect(try fault(header, "bomb.png").message.contains("pixels"))
    // Sides that no picture has, and that some readers take for negative ones: the file's fault, not the machine's.
    for side in [[0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0], [0, 0, 0xFF, 0xFF]] as [[UInt8]] {
      for place in [16, 20] {
        var lie = try Picturing.bytes(path)
        lie.replaceSubrange(place..<place + 4, with: side)
        #expect(try fault(lie, "lie.png").kind == .badInput)
      }
    }
  }

  @Test(arguments: ["mp4", "mkv", "webm", "ts", "avi"])
  func `a film cut anywhere is refused or read as far as it goes`(_ kind: String) throws {
    let whole = try clip(kind == "mp4" ? ["-movflags", "+faststart"] : [], "whole." + kind)
    let bytes = try Picturing.bytes(whole)
    var most = 0
    for part in 1...24 {
      let path = folder.file("cut." + kind)
      try Data(bytes[..<(bytes.count * part / 24)]).write(to: URL(filePath: path))
      guard let reader = try? MediaReader(path) else { continue }
      var count = 0
      while let frame = try reader.next() {
        _ = try Picturing.render(frame, Size(width: 32, height: 24))
        count += 1
      }
      most = max(most, count)
      if kind == "mp4", part < 24, count > 0 { #expect(count + reader.corrupt.count >= 50) }
    }
    #expect(most == 50)
  }

  @Test(arguments: ["mp4", "mkv", "jpg", "png", "webp", "gif"])
  func `broken bytes anywhere never bring the process down`(_ kind: String) throws {
    let still = ["jpg", "png", "webp"].contains(kind)
    let whole = try clip(still ? ["-frames:v", "1"] : [], "whole." + kind)
    let bytes = try Picturing.bytes(whole)
    var random = SeededRandom(42)
    for _ in 0..<40 {
      var broken = bytes
      for _ in 0..<8 {
        broken[Int.random(in: 0..<broken.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let path = folder.file("broken." + kind)
      try Data(broken).write(to: URL(filePath: path))
      do {
        let reader = try MediaReader(path, limits: DecodeLimits(maxPixels: 1 << 20))
        while let frame = try reader.next() { _ = try Picturing.render(frame, Size(width: 32, height: 24)) }
      } catch is Fault {}
    }
  }

  private func clip(_ arguments: [String], _ name: String) throws -> String {
    try Picturing.ffmpeg(["-f", "lavfi", "-i", "testsrc=s=160x120:r=25:d=2"] + arguments, to: name, in: folder)
  }
}
