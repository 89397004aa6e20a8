import Base
import Predictions
import Testing

@testable import Exports

struct WebVTTTests {
  @Test func `a film's spans are cues`() throws {
    let rows = [
      row(detection("cup", 0.934, track: 3), 0), row(detection("cup", 0.5, track: 3), 1),
      row(classification("day"), 90_025, 3601),
    ]
    let expected = """
      WEBVTT

      NOTE
      line.mp4
      sha256:1234
      \(model)

      00:00:00.000 --> 00:00:00.080
      cup #3 0.93

      01:00:01.000 --> 01:00:01.040
      day


      """
    #expect(try text(.webvtt, film(duration: nil), rows) == expected)
  }

  @Test func `nothing of a name can end a cue or begin a tag`() throws {
    let written = try text(
      .webvtt, film("a-->b\n\n.mp4"), [row(classification("x --> <b>&amp;\r\n\r\n\u{2028}00:00\0"), 0)])
    #expect(written.contains("\nx --&gt; &lt;b&gt;&amp;amp; 00:00\n"))
    #expect(written.contains("\na--&gt;b .mp4\n"))
    #expect(written.split(separator: "\n").count { $0.contains("-->") } == 1)
  }

  @Test(arguments: [
    (0, "00:00:00.000"), (999, "00:00:00.999"), (59_999, "00:00:59.999"), (3_600_000, "01:00:00.000"),
    (90_061_001, "25:01:01.001"), (360_000_000, "100:00:00.000"),
  ])
  func `times have two digits of hours or more`(milliseconds: Int, clock: String) {
    #expect(Digits.clock(milliseconds) == clock)
  }
}
