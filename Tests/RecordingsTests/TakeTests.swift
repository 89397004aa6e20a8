import Base
import Catalog
import MediaProcess
import Testing

@testable import Recordings

struct TakeTests {
  private static let tick = DrawnFilm.tick
  private static let label = RecordingLabel(client: "acme", stream: "dock", kind: .clip)

  /// What is written by a take that has all of a line: the numbers of the pictures in each file, and where each is cut.
  private func files(_ take: inout Take, _ line: PacketLine, now: Int = 0) -> [(pictures: [UInt8], until: Int?)] {
    var files: [(pictures: [UInt8], until: Int?)] = []
    // What goes on with a file that is open goes into the first.
    if take.isOpen { files.append(([], -1)) }
    for _ in 0..<1000 {
      switch take.next(line, now: now) {
      case .begin: files.append(([], -1))
      case .append(let parts): files[files.count - 1].pictures += parts.map { $0.last! }
      case .close(let until): files[files.count - 1].until = until
      case .rest, .over: return files
      }
    }
    return files
  }

  @Test("Segments begin with the first key frame behind their length, and no picture is in two or in none")
  func segments() {
    let line = DrawnFilm.line(0..<200)
    var take = Take(Self.label, from: 0, segment: 60 * Self.tick)
    let found = files(&take, line)
    #expect(found.map(\.pictures.count) == [75, 75, 50])
    #expect(found.flatMap(\.pictures) == (0..<200).map { UInt8($0) })
  }

  @Test("A segment ends where the source is gone, or sends another film, and another begins with its next key frame")
  func interruptions() {
    var line = DrawnFilm.line(0..<30)
    line.interrupt()
    for number in 40..<60 { _ = line.add(DrawnFilm.fragment(number)) }
    line.begin(DrawnFilm.head(2))
    for number in 75..<90 { _ = line.add(DrawnFilm.fragment(number)) }
    var take = Take(Self.label, from: 0, segment: 1000 * Self.tick)
    #expect(files(&take, line).map(\.pictures) == [Array(0..<30), Array(50..<60), Array(75..<90)])
  }

  @Test("What went before it was written is counted, ends a segment, and nothing is written up to a key frame")
  func lost() {
    var line = DrawnFilm.line(0..<30)
    var take = Take(Self.label, from: 0, segment: 1000 * Self.tick)
    #expect(files(&take, line).map(\.pictures.count) == [30])
    for number in 30..<140 { _ = line.add(DrawnFilm.fragment(number)) }
    line.trim(before: 0, 0, mostBytes: 20_000)
    let first = line.first
    #expect(first > 30)
    let rest = files(&take, line)
    #expect(take.lost == first - 30)
    #expect(rest.map(\.pictures.first) == [nil, UInt8((first + 24) / 25 * 25)])
  }

  @Test("A clip begins with the key frame before its pre-roll and ends with what is shown by the end of its post-roll")
  func clip() {
    let line = DrawnFilm.line(0..<200)
    let key = line.key(before: 60 * Self.tick)
    #expect(key == 50)
    var take = Take(Self.label, from: key!, wanted: 60 * Self.tick, most: 10_000 * Self.tick)
    take.end = 120 * Self.tick
    let found = files(&take, line)
    #expect(found.map(\.pictures) == [Array(50...120)] && found[0].until == 120 * Self.tick)
    guard case .over = take.next(line, now: 0) else {
      Issue.record("the take goes on")
      return
    }
  }

  @Test("A clip is as long as it may be from its pre-roll on, also where the key frame lies longer before that")
  func distantKey() {
    let line = DrawnFilm.line(0..<25)
    var take = Take(Self.label, from: line.key(before: 20 * Self.tick)!, wanted: 20 * Self.tick, most: 3 * Self.tick)
    let found = files(&take, line)
    #expect(found.map(\.pictures) == [Array(0...23)] && found[0].until == 23 * Self.tick)
  }

  @Test("A clip goes on over an interruption, and is as long as it may be")
  func longClip() {
    var line = DrawnFilm.line(0..<30)
    line.interrupt()
    line.begin(DrawnFilm.head())
    for number in 50..<200 { _ = line.add(DrawnFilm.fragment(number)) }
    var take = Take(Self.label, from: 0, wanted: 0, most: 100 * Self.tick)
    let found = files(&take, line)
    #expect(found.map(\.pictures) == [Array(0..<30) + Array(50...100)] && found[0].until == 100 * Self.tick)
  }

  @Test("A clip whose end was reached by the clock, and not by pictures, is closed")
  func silent() {
    let line = DrawnFilm.line(0..<30)
    var take = Take(Self.label, from: 0, wanted: 0, most: 10_000 * Self.tick)
    take.end = 40 * Self.tick
    #expect(files(&take, line).map(\.until) == [-1])
    let late = 40 * Self.tick + 20 * ViewPiece.timescale
    guard case .close(until: 40 * Self.tick) = take.next(line, now: late) else {
      Issue.record("it is not closed")
      return
    }
  }

  @Test("Pre-roll is kept in whole groups, and what is needed is not let go")
  func trimmed() {
    var line = DrawnFilm.line(0..<200)
    line.trim(before: 120 * Self.tick, .max, mostBytes: .max)
    #expect(line.first == 100)
    line.trim(before: 180 * Self.tick, 130, mostBytes: .max)
    #expect(line.first == 125)
    line.trim(before: 180 * Self.tick, .max, mostBytes: 10_000)
    #expect(line.byteCount <= 10_000 && line.end == 200)
  }
}
