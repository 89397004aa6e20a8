import TestKit
import Testing

@testable import Media

struct LiveMuxerTests {
  /// When a fragment's picture is decoded and shown, and how long it lasts, as a player reads it.
  private func moment(_ fragment: [UInt8]) throws -> LiveMuxer.Moment {
    func box(_ name: String, in content: Range<Int>) throws -> Range<Int> {
      try #require(ISOBox.list(fragment[content]).first { $0.name == name }).content
    }
    let track = try box("traf", in: try box("moof", in: 0..<fragment.count))
    var header = ByteCursor(fragment[try box("tfhd", in: track)])
    // Of a track the duration, the size and the marks of its pictures.
    try #require(header.number(4) & 0x1b == 0x18)
    header.skip(4)
    var time = ByteCursor(fragment[try box("tfdt", in: track)])
    let dts = time.number(4) >> 24 == 1 ? time.number(8) : time.number(4)
    var run = ByteCursor(fragment[try box("trun", in: track)])
    let marks = run.number(4)
    try #require(run.number(4) == 1 && marks & 0x300 == 0)
    run.skip(4 + (marks & 4 != 0 ? 4 : 0))
    let shift = marks & 0x800 != 0 ? Int(Int32(truncatingIfNeeded: run.number(4))) : 0
    return LiveMuxer.Moment(pts: dts + shift, dts: dts, duration: header.number(4), isKey: marks & 4 != 0)
  }

  @Test(
    "Each fragment has the times that were given, also where a picture comes sooner than the one before was to last",
    arguments: ["h264.mp4", "low-delay.mp4"])
  func times(film: String) throws {
    let reader = try PacketReader(MediaFile(try Films.path(film)))
    let muxer = try LiveMuxer(reader, timescale: 90_000)
    // As many ticks as a picture usually lasts; one fewer, as rounding has it; a camera that stood still for a second.
    let steps = [3600, 3599, 3601, 3600, 90_000, 2970, 3060]
    var (dts, count) = (1_000_000, 0)
    while let packet = reader.next(), count < 60 {
      // Pictures are moved by two, so that each is shown behind its decoding.
      let shift = film == "h264.mp4" ? [7200, 18_000, 7200, 0, 0][count % 5] : 0
      let given = LiveMuxer.Moment(
        pts: dts + shift, dts: dts, duration: steps[(count + 6) % steps.count], isKey: packet.isKey)
      var found = try moment(try muxer.fragment(packet.bytes.span, at: given))
      found.isKey = given.isKey
      #expect(found == given, "picture \(count)")
      dts += steps[count % steps.count]
      count += 1
    }
    #expect(count == 60)
  }
}
