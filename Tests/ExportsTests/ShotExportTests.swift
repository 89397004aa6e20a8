import Base
import Exports
import Foundation
import Insights
import TestKit
import Testing

/// Shots as CSV and OpenTimelineIO.
struct ShotExportTests {
  /// A cut at frame 50, a dissolve of ten frames from 100, black of 25 from 150; 250 frames.
  static let list: ShotList = {
    let ranges = [0...49, 50...99, 110...149, 175...249]
    let kinds: [ShotTransition.Kind?] = [nil, .cut, .gradual, .black]
    let shots = zip(ranges, kinds).map { range, kind in
      Shot(
        start: Double(range.lowerBound) / 25, end: Double(range.upperBound + 1) / 25, startFrame: range.lowerBound,
        endFrame: range.upperBound,
        transitionIn: kind.map { ShotTransition(kind: $0, from: 0, to: range.lowerBound, score: 0.9) })
    }
    return ShotList(shots: shots, black: [BlackSpan(start: 6, end: 7, startFrame: 150, endFrame: 174)])
  }()

  private func text(
    _ list: ShotList, _ asset: ExportedAsset, _ format: ShotExport.Format = .csv
  ) throws -> String {
    String(decoding: try ShotExport(list, of: asset).bytes(as: format), as: UTF8.self)
  }

  @Test func `CSV has the columns of PySceneDetect, and what lies between shots is in none`() throws {
    #expect(
      try text(Self.list, film()) == """
        Scene Number,Start Frame,Start Timecode,Start Time (seconds),End Frame,End Timecode,End Time (seconds),Length (frames),\
        Length (timecode),Length (seconds)
        1,1,00:00:00.000,0.000,50,00:00:02.000,2.000,50,00:00:02.000,2.000
        2,51,00:00:02.000,2.000,100,00:00:04.000,4.000,50,00:00:02.000,2.000
        3,111,00:00:04.400,4.400,150,00:00:06.000,6.000,40,00:00:01.600,1.600
        4,176,00:00:07.000,7.000,250,00:00:10.000,10.000,75,00:00:03.000,3.000

        """)
    #expect(try text(ShotList(), film()).split(separator: "\n").count == 1)
  }

  /// Breakthrough/PySceneDetect 243: a row of another form in front.
  ///
  /// 265 and 242: frames counted from 0 here and from 1 there.
  @Test func `reported: every line of the CSV has the same columns, and frames count from 1`() throws {
    let lines = try text(Self.list, film()).split(separator: "\n")
    #expect(Set(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }) == [10])
    let single = ShotList(shots: [Shot(start: 0, end: 0.1, startFrame: 0, endFrame: 0)])
    #expect(try text(single, film()).hasSuffix("\n1,1,00:00:00.000,0.000,1,00:00:00.100,0.100,1,00:00:00.100,0.100\n"))
  }

  @Test func `CSV counts times from the first frame, as it counts frames`() throws {
    var asset = film()
    asset.firstTime = 1.4
    let list = ShotList(shots: [Shot(start: 1.4, end: 2.4, startFrame: 0, endFrame: 24)])
    #expect(try text(list, asset).hasSuffix("\n1,1,00:00:00.000,0.000,25,00:00:01.000,1.000,25,00:00:01.000,1.000\n"))
  }

  @Test func `EDL has an event a shot by its frames, and a film of changing rate is refused with what holds it`() throws
  {
    let edl = try text(Self.list, film(rate: Ratio(30000, 1001)), .edl)
    let events = edl.split(separator: "\n").filter { $0.hasPrefix("00") }.map { $0.suffix(47) }
    #expect(
      events == [
        "00:00:00;00 00:00:01;20 00:00:00;00 00:00:01;20", "00:00:01;20 00:00:03;10 00:00:01;20 00:00:03;10",
        "00:00:03;20 00:00:05;00 00:00:03;10 00:00:04;20", "00:00:05;25 00:00:08;10 00:00:04;20 00:00:07;05",
      ])
    #expect(edl.hasPrefix("TITLE: line\nFCM: DROP FRAME\n"))
    let fault = try #require(throws: Fault.self) { _ = try text(Self.list, film(rate: nil), .edl) }
    #expect(fault.message.contains("varies") && fault.message.contains("shots-csv and shots-otio"))
  }

  private func statistics(_ figures: ShotFigures, _ list: ShotList) throws -> [String] {
    var text = ""
    try ShotStatistics(figures, list).write { text += $0 }
    return text.split(separator: "\n").map(String.init)
  }

  /// Breakthrough/PySceneDetect 242: figures counted from 0, shots from 1.
  @Test func `reported: figures of every frame, of a network and without one, counted as shots are`() throws {
    var (merger, detector) = (ShotMerger(), ShotDetector())
    let size = ShotDescriptor.rendition.area * 3
    for frame in 0..<40 {
      let descriptor = ShotDescriptor(rgb: [UInt8](repeating: frame < 20 ? 60 : 200, count: size).span)
      merger.add(index: frame, time: 1.4 + Double(frame) / 25, single: frame == 19 ? 0.9 : 0.1, many: 0.2)
      detector.add(index: frame, time: 1.4 + Double(frame) / 25, descriptor)
    }
    let network = try statistics(merger.figures, merger.finish())
    #expect(network[0] == "Frame Number,Timecode,Time (seconds),single,many,score,threshold,luma,black,shot")
    #expect(network[20] == "20,00:00:00.760,0.760,0.9000,0.2000,0.9000,0.5000,0.00,0,1")
    #expect(network[21].hasSuffix(",2") && network.count == 41)
    let own = try statistics(
      detector.figures, ShotList(shots: [Shot(start: 1.4, end: 3, startFrame: 20, endFrame: 39)]))
    #expect(
      own[0].contains(",change,needed,score,") && own[1] == "1,00:00:00.000,0.000,0.0000,10.0000,0.0000,0.5000,60.00,0,"
    )
    #expect(own[21].hasPrefix("21,00:00:00.800,0.800,140.0000,10.0000,0.9333,") && own[21].hasSuffix(",200.00,0,1"))
    #expect(try statistics(ShotDetector().figures, ShotList()).count == 1)
  }

  private func clips(_ list: ShotList, _ asset: ExportedAsset) throws -> [(name: String, range: [Double])] {
    let bytes = Data(try ShotExport(list, of: asset).bytes(as: .otio))
    let timeline = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    let tracks = (timeline["tracks"] as? [String: Any])?["children"] as? [[String: Any]]
    let clips = try #require(tracks?.first?["children"] as? [[String: Any]])
    return clips.map { clip in
      let range = clip["source_range"] as? [String: Any]
      let sides = ["start_time", "duration"].map { (range?[$0] as? [String: Any])?["value"] as? Double }
      return (clip["name"] as? String ?? "", sides.compactMap { $0 })
    }
  }

  @Test func `OTIO is the whole film in clips, shots and what lies between`() throws {
    let found = try clips(Self.list, film())
    #expect(found.map(\.name) == ["Shot 1", "Shot 2", "gradual", "Shot 3", "black", "Shot 4"])
    #expect(found.map(\.range) == [[0, 50], [50, 50], [100, 10], [110, 40], [150, 25], [175, 75]])
  }

  @Test func `OTIO of a film without shots is one clip, and of changing rate counts milliseconds`() throws {
    #expect(try clips(ShotList(), film()).map(\.range) == [[0, 250]])
    #expect(try clips(Self.list, film(rate: nil)).last?.range == [7000, 3000])
    #expect(try clips(ShotList(), film(duration: nil)).map(\.range) == [[0, 1]])
  }

  @Test(
    "pandas, opentimelineio and pycmx read shots and breaks as they were written",
    .enabled(if: ForeignReaderTests.isThere, "the readers are not here: ./bootstrap fetches them"),
    arguments: [Ratio(30000, 1001), Ratio(25, 1)])
  func read(rate: Ratio) throws {
    let folder = TemporaryFolder()
    let asset = film(rate: rate)
    let shots = ShotExport(Self.list, of: asset)
    var list = BreakList()
    let evidence = BreakEvidence(visual: 0.8, silence: 1, black: 0, shot: 0.9)
    list.breaks = [StoryBreak(time: 4.4, frame: 110, score: 0.8, rank: 1, evidence: evidence)]
    let breaks = BreakExport(list, of: asset)
    let files = [
      "csv": try shots.bytes(as: .csv), "otio": try shots.bytes(as: .otio), "edl": try breaks.bytes(as: .edl),
      "shots": try shots.bytes(as: .edl), "vmap": try breaks.bytes(as: .vmap), "scte35": try breaks.bytes(as: .scte35),
    ]
    for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: folder.file(name))) }
    let result = shell([
      ForeignReaderTests.python, "-B", Checkout.path + "/Tests/ExportsTests/open_exports.py", "timeline",
      folder.file(""), String(rate.numerator), String(rate.denominator),
    ])
    #expect(result.status == 0, "\(result.output.suffix(2000))\(result.errors.suffix(2000))")
    #expect(result.output.contains("timeline: as expected"))
  }
}
