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

  private func text(_ list: ShotList, _ asset: ExportedAsset) -> String {
    String(decoding: ShotExport(list, of: asset).bytes(as: .csv), as: UTF8.self)
  }

  @Test func `CSV has the columns of PySceneDetect, and what lies between shots is in none`() {
    #expect(
      text(Self.list, film()) == """
        Scene Number,Start Frame,Start Timecode,Start Time (seconds),End Frame,End Timecode,End Time (seconds),Length (frames),\
        Length (timecode),Length (seconds)
        1,1,00:00:00.000,0.000,50,00:00:02.000,2.000,50,00:00:02.000,2.000
        2,51,00:00:02.000,2.000,100,00:00:04.000,4.000,50,00:00:02.000,2.000
        3,111,00:00:04.400,4.400,150,00:00:06.000,6.000,40,00:00:01.600,1.600
        4,176,00:00:07.000,7.000,250,00:00:10.000,10.000,75,00:00:03.000,3.000

        """)
    #expect(text(ShotList(), film()).split(separator: "\n").count == 1)
  }

  /// Breakthrough/PySceneDetect 243: a row of another form in front.
  ///
  /// 265 and 242: frames counted from 0 here and from 1 there.
  @Test func `reported: every line of the CSV has the same columns, and frames count from 1`() {
    let lines = text(Self.list, film()).split(separator: "\n")
    #expect(Set(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }) == [10])
    let single = ShotList(shots: [Shot(start: 0, end: 0.1, startFrame: 0, endFrame: 0)])
    #expect(text(single, film()).hasSuffix("\n1,1,00:00:00.000,0.000,1,00:00:00.100,0.100,1,00:00:00.100,0.100\n"))
  }

  @Test func `CSV counts times from the first frame, as it counts frames`() {
    var asset = film()
    asset.firstTime = 1.4
    let list = ShotList(shots: [Shot(start: 1.4, end: 2.4, startFrame: 0, endFrame: 24)])
    #expect(text(list, asset).hasSuffix("\n1,1,00:00:00.000,0.000,25,00:00:01.000,1.000,25,00:00:01.000,1.000\n"))
  }

  private func clips(_ list: ShotList, _ asset: ExportedAsset) throws -> [(name: String, range: [Double])] {
    let bytes = Data(ShotExport(list, of: asset).bytes(as: .otio))
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
    let files = ["csv": shots.bytes(as: .csv), "otio": shots.bytes(as: .otio), "edl": try breaks.bytes(as: .edl)]
    for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: folder.file(name))) }
    let result = shell([
      ForeignReaderTests.python, "-B", Checkout.path + "/Tests/ExportsTests/open_exports.py", "timeline",
      folder.file(""), String(rate.numerator), String(rate.denominator),
    ])
    #expect(result.status == 0, "\(result.output.suffix(2000))\(result.errors.suffix(2000))")
    #expect(result.output.contains("timeline: as expected"))
  }
}
