import Base
import Exports
import Foundation
import Predictions
import Testing

struct OTIOTests {
  private func clip(_ asset: ExportedAsset, _ rows: [PredictionRow]) throws -> [String: Any] {
    let bytes = Data(try exported(.otio, asset, rows))
    let timeline = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    #expect(timeline["OTIO_SCHEMA"] as? String == "Timeline.1")
    let tracks = (timeline["tracks"] as? [String: Any])?["children"] as? [[String: Any]]
    return try #require((tracks?.first?["children"] as? [[String: Any]])?.first)
  }

  private func range(_ value: Any?) -> [Double] {
    let range = value as? [String: Any]
    return ["start_time", "duration"].flatMap { name in
      let time = range?[name] as? [String: Any]
      return [time?["value"], time?["rate"]].compactMap { $0 as? Double }
    }
  }

  @Test func `spans are markers of the one clip, in frames of the film`() throws {
    var asset = film("sub/my film.mp4")
    asset.firstTime = 0.08
    let found = try clip(asset, [row(detection("cup", 0.5, track: 7), 2), row(detection("cup", 0.9, track: 7), 3)])
    #expect((found["media_reference"] as? [String: Any])?["target_url"] as? String == "sub/my%20film.mp4")
    #expect(range(found["source_range"]) == [0, 25, 248, 25])
    let marker = try #require((found["markers"] as? [[String: Any]])?.first)
    #expect(marker["name"] as? String == "cup #7 0.90")
    #expect(range(marker["marked_range"]) == [0, 25, 2, 25])
    let own = (marker["metadata"] as? [String: [String: Any]])?["ridley"]
    #expect(own?["label"] as? String == "cup")
    #expect(own?["track"] as? Int == 7)
  }

  @Test func `a film without an even rate counts milliseconds, and one without a length ends with its last span`()
    throws
  {
    let found = try clip(
      film(rate: nil, duration: nil), [row(classification("day"), 0, 0.5), row(classification("day"), 1, 1.25)])
    #expect(range(found["source_range"]) == [0, 1000, 1250, 1000])
    #expect(range((found["markers"] as? [[String: Any]])?.first?["marked_range"]) == [500, 1000, 750, 1000])
  }

  @Test func `a rate has all its digits`() throws {
    for rate in [Ratio(24000, 1001), Ratio(23_976, 1000)] {
      #expect(try text(.otio, film(rate: rate), []).contains("\"rate\":23.976023976023978,"))
    }
  }
}
