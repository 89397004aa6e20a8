import Base
import Predictions
import Testing

@testable import Exports

struct EDLTests {
  @Test func `spans are events, laid end to end on the record side`() throws {
    let rows = [
      row(detection("cup", 0.934, track: 3), 0), row(detection("cup", 0.5, track: 3), 1),
      row(classification("day"), 50),
    ]
    let expected = """
      TITLE: line
      FCM: NON-DROP FRAME
      001  LINE     V     C        00:00:00:00 00:00:00:02 00:00:00:00 00:00:00:02
      * FROM CLIP NAME: line.mp4
      * LOC: 00:00:00:00 RED     cup #3 0.93
      * COMMENT: cup #3 0.93
      002  LINE     V     C        00:00:02:00 00:00:02:01 00:00:00:02 00:00:00:03
      * FROM CLIP NAME: line.mp4
      * LOC: 00:00:00:02 RED     day
      * COMMENT: day

      """
    #expect(try text(.edl, film(), rows) == expected)
  }

  @Test func `at 29.97 frames a second the list says drop frame, and its codes keep with the clock`() throws {
    let asset = film(rate: Ratio(30000, 1001), duration: nil)
    let written = try text(.edl, asset, [row(classification("day"), 107_892, 3600)])
    #expect(written.contains("FCM: DROP FRAME\n"))
    #expect(written.contains(" 01:00:00;00 01:00:00;01 00:00:00;00 00:00:00;01\n"))
  }

  @Test func `frames are counted from the first, wherever the file's clock begins`() throws {
    var asset = film()
    asset.firstTime = 1.4
    #expect(try text(.edl, asset, [row(classification("day"), 0, 1.4)]).contains(" 00:00:00:00 00:00:00:01 "))
  }

  @Test(arguments: [nil, Ratio(0, 0), Ratio(15, 1), Ratio(120, 1), Ratio(24_990, 1000)])
  func `a rate that varies, or has no timecode, is refused with a sentence that says why`(rate: Ratio?) {
    #expect { _ = try exported(.edl, film(rate: rate), []) } throws: { fault in
      (fault as? Fault)?.message.contains(rate?.isKnown == true ? "timecode is of" : "varies or is not known") == true
    }
  }

  @Test func `a day is the end of timecode`() {
    let asset = film(duration: nil)
    #expect(throws: Fault.self) { _ = try exported(.edl, asset, [row(classification("day"), 2_160_000, 86_400)]) }
    let long = (0..<3).map { track in
      var told = detection("cup", 0.9, track: track)
      told.span = 0...36_000
      return row(told, 900_000 + track)
    }
    #expect(throws: Fault.self) { _ = try exported(.edl, asset, long) }
  }

  @Test func `event numbers go on behind 999`() throws {
    let rows = (0..<1001).map { row(classification("n\($0)"), $0 * 2) }
    let written = try text(.edl, film(duration: nil), rows)
    #expect(written.contains("\n999  LINE     V"))
    #expect(written.contains("\n1000  LINE     V"))
  }

  @Test func `text is printable ASCII in lines of 80 columns`() throws {
    let label = "caf\u{e9} \u{1F600}\u{1F600}\n* LOC: \(String(repeating: "x", count: 300))"
    let written = try text(.edl, film("f\u{ef}lm\n.mp4"), [row(classification(label), 0)])
    #expect(written.utf8.allSatisfy { (0x20..<0x7f).contains($0) || $0 == 10 })
    #expect(written.split(separator: "\n").allSatisfy { $0.utf8.count <= 80 })
    #expect(written.contains("RED     caf? ? * LOC: xxx"))
  }

  @Test(arguments: [
    ("line 4-b", "LINE4B  "), ("a_very_long_name", "AVERYLON"), ("\u{1F600}", "CLIP    "), ("bl", "CLIPBL  "),
    ("Bars", "CLIPBARS"), ("\u{df}traße", "SSTRASSE"),
  ])
  func `a reel is up to eight letters and digits of the name`(name: String, reel: String) {
    #expect(EDLList.reel(name) == reel)
  }
}

struct TimecodeTests {
  /// The reference leaves numbers out one by one, as the standard words it.
  @Test(arguments: [(Ratio(30000, 1001), 2, 30), (Ratio(60000, 1001), 4, 60)])
  func `the first numbers of a minute are left out, but for every tenth`(rate: Ratio, dropped: Int, base: Int) throws {
    let timecode = try #require(Timecode(rate))
    var frame = 0
    for number in 0..<base * 60 * 70 {
      let (minute, place) = (number / (base * 60), number % (base * 60))
      if minute % 10 != 0, place < dropped { continue }
      let fields = [minute / 60, minute % 60, place / base].map { Digits.padded($0, 2) }.joined(separator: ":")
      let expected = "\(fields);\(Digits.padded(place % base, 2))"
      guard timecode.text(frame) == expected else {
        Issue.record("\(frame): \(timecode.text(frame)), expected \(expected)")
        return
      }
      frame += 1
    }
    #expect(timecode.text(timecode.framesPerDay - 1) == "23:59:59;\(base - 1)")
  }

  @Test(arguments: [
    (Ratio(24000, 1001), "01:00:00:00", 86_400), (Ratio(25, 1), "01:00:00:00", 90_000),
    (Ratio(2997, 100), "00:01:00;02", 1800), (Ratio(50, 1), "00:00:01:49", 99), (Ratio(60, 1), "00:01:00:00", 3600),
  ])
  func `other rates count every number`(rate: Ratio, code: String, frame: Int) throws {
    #expect(try #require(Timecode(rate)).text(frame) == code)
  }
}
