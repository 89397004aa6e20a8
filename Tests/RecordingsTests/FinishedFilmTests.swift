import Base
import Catalog
import MediaProcess
import TestKit
import Testing

@testable import Recordings

struct FinishedFilmTests {
  private static let label = RecordingLabel(
    client: "acme", stream: "dock", kind: .clip, event: ULID("01JDS0000000000000000000AB"), rule: "there/here")
  private let folder = TemporaryFolder()

  private func write(_ numbers: [Int], moved: Int = 0) throws -> String {
    let path = "\(folder.path)/a\(RecordingDesk.suffix)"
    let file = try RecordingFile(path, Self.label, head: DrawnFilm.head())
    for number in numbers { try file.append(DrawnFilm.fragment(number, moved: moved).bytes) }
    return path
  }

  @Test("A file is finished from what stands in it, and again with the same bytes")
  func twice() throws {
    let path = try write(Array(0..<60), moved: 2)
    let film = try #require(try FinishedFilm(finishing: path))
    #expect(film.recording.from == 80 && film.recording.to == 2480 && film.recording.gaps.isEmpty)
    #expect(film.label == Self.label && film.name == "dock 1970-01-01T00-00-00.080Z there-here.mp4")
    let bytes = try FileSystem.read(path)
    let again = try #require(try FinishedFilm(finishing: path))
    #expect(again.recording == film.recording)
    #expect(try FileSystem.read(path) == bytes)
  }

  @Test("A film ends with the last picture that is shown by its end, and says where none came")
  func cut() throws {
    let path = try write(Array(0..<30) + Array(130..<200))
    let film = try #require(try FinishedFilm(finishing: path, until: 150 * DrawnFilm.tick))
    #expect(film.recording.to == 151 * 40)
    #expect(film.recording.gaps == [Recording.Gap(from: 1200, to: 5200)])
    #expect(try FilmScan(path)?.samples.count == 30 + 21)
  }

  @Test("However many of its bytes are there, a file is finished up to its last whole picture, or is nothing")
  func torn() throws {
    let whole = try FileSystem.read(try write(Array(0..<3)))
    let beginning = RecordingFile.beginning(Self.label, DrawnFilm.head()).count
    let picture = DrawnFilm.fragment(0).bytes.count
    for count in 0...whole.count {
      let path = "\(folder.path)/torn"
      try FileSystem.write(Array(whole[..<count]), to: path)
      let film = try FinishedFilm(finishing: path)
      let pictures = max(0, count - beginning) / picture
      #expect(film.map { $0.recording.to / 40 } ?? 0 == pictures, "\(count)")
    }
  }

  @Test("A finish that was cut off anywhere is done again with the same bytes")
  func interrupted() throws {
    let path = try write(Array(0..<6))
    let plain = try FileSystem.read(path)
    _ = try FinishedFilm(finishing: path)
    let whole = try FileSystem.read(path)
    for count in plain.count..<whole.count {
      try FileSystem.write(plain + whole[plain.count..<count], to: path)
      _ = try FinishedFilm(finishing: path)
      #expect(try FileSystem.read(path) == whole, "\(count)")
    }
  }

  @Test("Damaged bytes never make more of a file than is in it")
  func damaged() throws {
    let whole = try FileSystem.read(try write(Array(0..<6)))
    var random = SeededRandom(7)
    let path = "\(folder.path)/damaged"
    for _ in 0..<200 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0 ... .max, using: &random)
      }
      try FileSystem.write(bytes, to: path)
      if let film = try? FinishedFilm(finishing: path) { #expect(film.recording.from <= film.recording.to) }
    }
  }
}
