import Base
import Exports
import Foundation
import FoundationXML
import Insights
import Testing

/// Breaks as VMAP, SCTE-35 and EDL.
struct BreakExportTests {
  /// An element of XML with its attributes.
  private final class Elements: NSObject, XMLParserDelegate {
    var all: [(name: String, attributes: [String: String])] = []
    var text: [String] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      #expect(qualifiedName == "vmap:" + name && namespaceURI == "http://www.iab.net/videosuite/vmap")
      all.append((name, attributes))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text.append(string) }
  }

  private func elements(_ bytes: [UInt8]) -> Elements {
    let (parser, found) = (XMLParser(data: Data(bytes)), Elements())
    parser.shouldProcessNamespaces = true
    parser.delegate = found
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    return found
  }

  private func markers(_ export: BreakExport) throws -> [[String: Any]] {
    let document = try JSONSerialization.jsonObject(with: Data(export.bytes(as: .scte35))) as? [String: Any]
    return try #require(document?["markers"] as? [[String: Any]])
  }

  private func insert(_ marker: [String: Any]) throws -> [String: Any] {
    let section = try #require(marker["splice_info_section"] as? [String: Any])
    #expect(section["pts_adjustment"] as? Int == 0 && section["splice_command_type"] as? Int == 5)
    return try #require(section["splice_insert"] as? [String: Any])
  }

  private func ticks(_ marker: [String: Any]) throws -> Int? {
    (try insert(marker)["splice_time"] as? [String: Any])?["pts_time"] as? Int
  }

  @Test func `VMAP has an AdBreak for each break, in order, with a clock time, a kind and a number`() throws {
    let found = elements(try BreakExport(breaks(2147.5, 60.0604), of: film()).bytes(as: .vmap)).all
    #expect(found.map(\.name) == ["VMAP", "AdBreak", "AdBreak"])
    #expect(found[0].attributes["version"] == "1.0")
    #expect(found[1...].map { $0.attributes["timeOffset"] } == ["00:01:00.060", "00:35:47.500"])
    for one in found[1...] {
      #expect(one.attributes["breakType"] == "linear")
      #expect(one.attributes["breakId"]?.hasPrefix("break-") == true)
      #expect(one.attributes.count == 3)
    }
  }

  @Test func `VMAP invents no address, and takes the user's as it is`() throws {
    let none = elements(try BreakExport(breaks(60), of: film()).bytes(as: .vmap))
    #expect(none.all.map(\.name) == ["VMAP", "AdBreak"])
    let tag = "https://ads.example/?a=1&b=<]]>\u{1}\u{e9}"
    let found = elements(try BreakExport(breaks(60), of: film(), adTag: tag).bytes(as: .vmap))
    #expect(found.all.map(\.name) == ["VMAP", "AdBreak", "AdSource", "AdTagURI"])
    #expect(found.all[2].attributes["id"] == "1" && found.all[3].attributes["templateType"] == "vast3")
    #expect(found.text.joined().contains("https://ads.example/?a=1&b=<]]>\u{e9}"))
  }

  @Test func `a film without breaks is a whole document of none`() throws {
    let export = BreakExport(BreakList(), of: film())
    #expect(elements(try export.bytes(as: .vmap)).all.map(\.name) == ["VMAP"])
    #expect(try markers(export).isEmpty)
    #expect(
      try edl(export) == "TITLE: line\nFCM: NON-DROP FRAME\n"
        + event(1, "00:00:00:00 00:00:10:00", "00:00:00:00 00:00:10:00"))
  }

  @Test func `SCTE-35 has a splice_insert out of the network for each break, in ticks of 90 kHz`() throws {
    let found = try markers(BreakExport(breaks(60.06, 4000), of: film()))
    #expect(found.map { $0["seconds"] as? Double } == [60.06, 4000])
    #expect(try found.map(ticks) == [5_405_400, 360_000_000])
    let insert = try insert(found[0])
    #expect(insert["out_of_network_indicator"] as? Bool == true && insert["splice_immediate_flag"] as? Bool == false)
    #expect(insert["duration_flag"] as? Bool == false && insert["break_duration"] == nil)
    #expect(insert["avail_num"] as? Int == 1 && insert["avails_expected"] as? Int == 2)
  }

  @Test func `a break keeps its number whatever others there are, and no two share one`() throws {
    let numbers = { (export: BreakExport) in
      try markers(export).map { try insert($0)["splice_event_id"] as? Int ?? 0 }
    }
    let all = try numbers(BreakExport(breaks(60, 120, 180), of: film()))
    #expect(try numbers(BreakExport(breaks(120), of: film())) == [all[1]])
    #expect(try BreakExport(breaks(120), of: film()).bytes(as: .vmap).count > 0)
    var other = film()
    other.id = "01JXYZ"
    #expect(try numbers(BreakExport(breaks(60, 120, 180), of: other)) != all)
    let many = try numbers(BreakExport(breaks((0..<20_000).map { Double($0) / 10 }), of: film()))
    #expect(Set(many).count == many.count && many.allSatisfy { $0 > 0 && $0 < 1 << 32 })
  }

  @Test func `an EDL is the whole film in pieces, each behind a break with its reason as marker`() throws {
    let text = try edl(BreakExport(breaks(4, 6.52), of: film()))
    #expect(
      text == """
        TITLE: line
        FCM: NON-DROP FRAME
        \(event(1, "00:00:00:00 00:00:04:00", "00:00:00:00 00:00:04:00"))\
        \(event(2, "00:00:04:00 00:00:06:13", "00:00:04:00 00:00:06:13", "00:00:04:00", 1))\
        \(event(3, "00:00:06:13 00:00:10:00", "00:00:06:13 00:00:10:00", "00:00:06:13", 2))
        """)
  }

  @Test func `an EDL at 29.97 frames a second drops numbers, and counts from the first frame`() throws {
    var asset = film(rate: Ratio(30000, 1001), duration: 7200 + 1.4)
    asset.firstTime = 1.4
    let text = try edl(BreakExport(breaks(3600 + 1.4), of: asset))
    #expect(text.contains("FCM: DROP FRAME\n") && text.contains("* LOC: 01:00:00;00 RED"))
  }

  @Test func `an EDL of a film of unknown length or of changing rate is refused with what holds it`() {
    for asset in [film(duration: nil), film(rate: nil)] {
      #expect { _ = try BreakExport(breaks(4), of: asset).bytes(as: .edl) } throws: { fault in
        (fault as? Fault)?.message.contains("vmap and scte35") == true
      }
    }
  }

  @Test func `every format has a type, and an ending of its own`() {
    let endings = BreakExport.Format.allCases.map(\.fileEnding) + ShotExport.Format.allCases.map(\.fileEnding)
    #expect(Set(endings + ExportFormat.allCases.map(\.fileEnding)).count == endings.count + ExportFormat.allCases.count)
    #expect(BreakExport.Format.allCases.allSatisfy { $0.contentType.contains("/") })
  }

  // MARK: - What users of other programs reported

  /// google/ExoPlayer 8067: from 35:47 on a time was the greatest whole number.
  ///
  /// stoth68000/libklscte35 26: ticks of more than 33 bits.
  @Test func `reported: long films have their times, and ticks begin again after 33 bits`() throws {
    let export = BreakExport(breaks(2147.484, 95_443.7177, 100_000), of: film(duration: nil))
    let found = elements(try export.bytes(as: .vmap)).all.compactMap { $0.attributes["timeOffset"] }
    #expect(found == ["00:35:47.484", "26:30:43.718", "27:46:40.000"])
    #expect(try markers(export).map(ticks) == [193_273_560, 1, 410_065_408])
    #expect(try markers(export).map { $0["seconds"] as? Double } == [2147.484, 95_443.7177, 100_000])
  }

  /// superstreamerapp/superstreamer 149: of breaks with the same offset the first alone is played.
  @Test func `reported: no two breaks of a playlist have the same time`() throws {
    let found = elements(try BreakExport(breaks(60.0001, 60.0002, 61), of: film()).bytes(as: .vmap)).all
    #expect(found.compactMap { $0.attributes["timeOffset"] } == ["00:01:00.000", "00:01:01.000"])
  }

  /// googleads/googleads-ima-android 24 and googleads/videojs-ima 269: players take neither an empty offset nor percentages.
  @Test(arguments: [0, -1.4, 0.0004, 3599.9996, 1e13, .infinity])
  func `reported: an offset is always hours, minutes, seconds and thousandths`(time: Double) throws {
    let found = elements(try BreakExport(breaks(time), of: film()).bytes(as: .vmap)).all
    let offset = try #require(found.last?.attributes["timeOffset"])
    #expect(offset.wholeMatch(of: /\d\d+:[0-5]\d:[0-5]\d\.\d{3}/) != nil, "\(offset)")
  }

  /// tsduck/tsduck 759: how a duration becomes ticks; Dash-Industry-Forum/livesim2 335: an adjustment that cancels the time.
  @Test func `reported: thirty seconds are 2,700,000 ticks, and nothing adjusts the time`() throws {
    let insert = try insert(try markers(BreakExport(breaks(10), of: film(), length: 30))[0])
    let duration = try #require(insert["break_duration"] as? [String: Any])
    #expect(duration["duration"] as? Int == 2_700_000 && duration["auto_return"] as? Bool == true)
    #expect(insert["duration_flag"] as? Bool == true)
  }

  /// Breakthrough/PySceneDetect 516: events ended a frame before the next began.
  ///
  /// 502: at 23.976 codes drifted over a film.
  @Test func `reported: an event begins where the one before ends, and codes of 23.976 do not drift`() throws {
    let rate = Ratio(24000, 1001)
    let times = (1...90).map { Double($0 * 1439) * 1001 / 24000 }
    let text = try edl(BreakExport(breaks(times), of: film(rate: rate, duration: 91 * 1439 * 1001 / 24000.0)))
    let codes = text.matches(of: /V     C        (\S+) (\S+) (\S+) (\S+)/).map { [$0.1, $0.2, $0.3, $0.4] }
    #expect(codes.count == 91)
    for (one, next) in zip(codes, codes.dropFirst()) { #expect(one[1] == next[0] && one[3] == next[2]) }
    // 90 * 1439 frames of 24 a second.
    #expect(codes.last?[0] == "01:29:56:06")
  }

  private func edl(_ export: BreakExport) throws -> String {
    String(decoding: try export.bytes(as: .edl), as: UTF8.self)
  }

  private func event(_ number: Int, _ source: String, _ record: String, _ at: String? = nil, _ rank: Int = 0) -> String
  {
    var lines = ["00\(number)  LINE     V     C        \(source) \(record)", "* FROM CLIP NAME: line.mp4"]
    if let at {
      let text = "BREAK \(rank) 0.75 other pictures follow, nobody speaks, the shot changes"
      lines += ["* LOC: \(at) RED     " + text, "* COMMENT: " + text].map { String($0.prefix(80)) }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

/// Breaks at these times, ranked in their order.
private func breaks(_ times: Double...) -> BreakList { breaks(times) }

private func breaks(_ times: [Double]) -> BreakList {
  var list = BreakList()
  let evidence = BreakEvidence(visual: 0.8, silence: 1, black: 0, shot: 0.9)
  list.breaks = times.sorted().enumerated().map { place, time in
    StoryBreak(time: time, frame: Int(max(0, min(time, 1e9)) * 25), score: 0.75, rank: place + 1, evidence: evidence)
  }
  return list
}
