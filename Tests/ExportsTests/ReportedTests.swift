import Base
import Exports
import Foundation
import Predictions
import Testing

/// Faults of other exporters that were reported in public, each made again small.
struct ReportedTests {
  private func cues(_ rows: [PredictionRow]) throws -> [Substring] {
    try text(.webvtt, film(duration: nil), rows).split(separator: "\n").filter { $0.contains(" --> ") }
  }

  private func coco(_ asset: ExportedAsset, _ rows: [PredictionRow]) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(try exported(.coco, asset, rows))) as? [String: Any])
  }

  /// Events of an EDL as their four timecodes.
  private func events(_ asset: ExportedAsset, _ rows: [PredictionRow]) throws -> [[Substring]] {
    try text(.edl, asset, rows).split(separator: "\n").filter { $0.first?.isNumber == true }.map {
      Array($0.split(separator: " ").suffix(4))
    }
  }

  @Test("milliseconds that round up carry into the seconds: hyperaudio/hyperaudio-lite-editor issue 657")
  func carriedMilliseconds() throws {
    let rows = [1.9996, 59.9996, 3599.9996].enumerated().map {
      row(classification("n\($0.offset)"), $0.offset * 9, $0.element)
    }
    #expect(try cues(rows).map { $0.prefix(12) } == ["00:00:02.000", "00:01:00.000", "01:00:00.000"])
  }

  @Test("no raw < or & stands in a cue: pbs/pycaption issue 48")
  func rawCharacters() throws {
    #expect(
      try text(.webvtt, film(), [row(classification(">> R&D <now>"), 0)]).contains("\n&gt;&gt; R&amp;D &lt;now&gt;\n"))
  }

  @Test("an empty line in a text does not end its cue: papnkukn/subsrt issue 12")
  func emptyLine() throws {
    #expect(try text(.webvtt, film(), [row(classification("Line 1\r\n\r\nLine 2"), 0)]).contains("\nLine 1 Line 2\n\n"))
  }

  @Test("cues begin in order, also where a later one ends first: tkarabela/pysubs2 issue 67")
  func cueOrder() throws {
    let rows = (0..<5).flatMap {
      [row(classification("long"), $0)] + ($0 == 2 ? [row(classification("short"), $0)] : [])
    }
    #expect(try cues(rows).map { $0.prefix(12) } == ["00:00:00.000", "00:00:00.080"])
  }

  @Test("hours have two digits: SubtitleEdit/subtitleedit issue 6427; or more: osk/node-webvtt issue 117")
  func hours() throws {
    let rows = [row(classification("a"), 1, 3737.167), row(classification("b"), 9, 443_700)]
    #expect(try cues(rows).map { $0.prefix(while: { $0 != " " }) } == ["01:02:17.167", "123:15:00.000"])
  }

  @Test("a cue ends behind its start: bugbakery/transcribee issue 403")
  func emptyCue() throws {
    let asset = film(rate: nil, duration: nil)
    #expect(try text(.webvtt, asset, [row(classification("a"), 0, 1)]).contains("00:00:01.000 --> 00:00:01.001"))
  }

  @Test("the end of an event is the frame behind its last: Breakthrough/PySceneDetect issue 516")
  func exclusiveEnd() throws {
    let rows = (0..<17).map { row(classification("a"), $0) } + (17..<30).map { row(classification("b"), $0) }
    let found = try events(film(), rows)
    #expect(found[0][1] == "00:00:00:17")
    #expect(found[1][0] == "00:00:00:17")
  }

  @Test("codes of 23.976 frames a second do not drift in 90 minutes: Breakthrough/PySceneDetect issue 502")
  func drift() throws {
    let rows = [0, 129_470].map { row(classification("a"), $0, Double($0) * 1001 / 24000) }
    // 129,470 frames of 24 a second of code are 1:29:54 and 14 frames, whatever the clock says.
    #expect(try events(film(rate: Ratio(24000, 1001), duration: nil), rows)[1][0] == "01:29:54:14")
  }

  @Test("no code that drop-frame leaves out is written at the end of a minute: opencinemac/vtc-rs issue 19")
  func dropFrame() throws {
    let frames = [1798, 1799, 1800, 17_981, 17_982]
    let rows = frames.map { row(classification("n\($0)"), $0, Double($0) * 1001 / 30000) }
    let found = try events(film(rate: Ratio(30000, 1001), duration: nil), rows).map(\.[0])
    #expect(found == ["00:00:59;28", "00:00:59;29", "00:01:00;02", "00:09:59;29", "00:10:00;00"])
  }

  @Test("nothing of a name's ending stands in the reel: mltframework/shotcut issue 406")
  func reel() throws {
    #expect(try text(.edl, film("10_sec.mov"), [row(classification("a"), 0)]).contains("\n001  10SEC    V     C "))
  }

  @Test("times of a variable rate are not counted in frames of an even one: Breakthrough/PySceneDetect issue 168")
  func variableRate() throws {
    let asset = film(rate: nil, duration: nil)
    #expect(throws: Fault.self) { _ = try exported(.edl, asset, []) }
    #expect(try text(.webvtt, asset, [row(classification("a"), 7, 2.345)]).contains("00:00:02.345"))
  }

  @Test("images and annotations are numbered from 1, and boxes are not rounded to tenths: voxel51/fiftyone pull 1083")
  func numbering() throws {
    let found = try coco(film(), [row(detection("a", 1, Rect(x: 0.10123, y: 0.2, width: 0.3, height: 0.4)), 0)])
    let annotation = try #require((found["annotations"] as? [[String: Any]])?.first)
    #expect([annotation["id"], annotation["image_id"], annotation["category_id"]].map { $0 as? Int } == [1, 1, 1])
    #expect((annotation["bbox"] as? [Double])?.first == 10.123)
  }

  @Test("categories keep the network's order, and files their own names: HumanSignal/label-studio issue 9366")
  func categoryOrder() throws {
    var asset = picture("data/street 1.jpg")
    asset.labels = ["car", "person", "truck"]
    let found = try coco(asset, [row(detection("truck"), 0), row(detection("car"), 0)])
    #expect((found["annotations"] as? [[String: Any]])?.map { $0["category_id"] as? Int } == [3, 1])
    #expect((found["images"] as? [[String: Any]])?.first?["file_name"] as? String == "data/street 1.jpg")
  }

  @Test("runs longer than their picture cost their mask, and not the export: cvat-ai/cvat issue 9460")
  func longRuns() throws {
    var broken = Prediction(kind: .segmentation, label: "road")
    broken.mask = Mask(size: Size(width: 4, height: 4), counts: [10, 7], share: 0.4)
    let found = try coco(film(), [row(broken, 0), row(detection("cup"), 0)])
    #expect((found["annotations"] as? [[String: Any]])?.count == 1)
    #expect((found["info"] as? [String: Any])?["broken_masks"] as? Int == 1)
  }

  @Test("masks have the picture's size, not the network's: youtubevos/MaskTrackRCNN issue 16")
  func maskSize() throws {
    var found = Prediction(kind: .segmentation, label: "road")
    found.mask = Mask(size: Size(width: 10, height: 5), counts: [0, 50], share: 1)
    let annotation = try #require((coco(film(), [row(found, 0)])["annotations"] as? [[String: Any]])?.first)
    let mask = annotation["segmentation"] as? [String: [Int]]
    #expect(mask == ["size": [50, 100], "counts": [0, 5000]])
  }

  @Test(
    "a box of no width is no annotation: open-mmlab/mmdetection issue 5525; NaN is no number: MTG/essentia issue 689")
  func unusableNumbers() throws {
    let flat = detection("a", 0.5, Rect(x: 0.5, y: 0.5, width: 0, height: 0.2))
    let found = try coco(film(), [row(flat, 0), row(detection("b", .nan), 0)])
    let annotations = try #require(found["annotations"] as? [[String: Any]])
    #expect(annotations.count == 1)
    #expect(annotations.first?["score"] == nil)
  }

  @Test("events beyond 999 are told apart: iluvcapra/pycmx issue 11")
  func manyEvents() throws {
    let rows = (0..<4000).map { row(classification("n\($0)"), $0) }
    let numbers = try text(.edl, film(duration: nil), rows).split(separator: "\n").compactMap {
      Int($0.prefix { $0 != " " })
    }
    #expect(numbers == Array(1...4000))
  }
}
