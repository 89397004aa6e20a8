internal import Base

/// What every OpenTimelineIO document of one film shares: its times, its head, and its media.
///
/// Times are frames of the film's rate, or milliseconds where it has no even one.
struct OTIOClock: Sendable {
  private let asset: ExportedAsset
  private let rate: Ratio

  init(_ asset: ExportedAsset) {
    self.asset = asset
    // A rate that timecode is of is the exact one: readers know no 2997/100.
    rate = asset.evenRate.map { Timecode($0)?.rate ?? $0 } ?? Ratio(1000, 1)
  }

  func frame(_ seconds: Double) -> Int { Frames.at(seconds - asset.firstTime, rate) }

  /// Opens a timeline of one track, as far as the list of its clips; what it gives closes all of it.
  func begin(_ json: inout JSONWriter) -> JSONWriter.Level {
    let timeline = json.openObject()
    json.field("OTIO_SCHEMA", "Timeline.1")
    json.field("name", asset.stem)
    json.object("metadata") { json in
      json.object("ridley") { json in
        json.field("asset", asset.id)
        json.field("pipeline", asset.pipeline)
        json.field("models", asset.models)
      }
    }
    _ = json.openObject("tracks")
    json.field("OTIO_SCHEMA", "Stack.1")
    json.field("name", "tracks")
    _ = json.openArray("children")
    _ = json.openObject()
    json.field("OTIO_SCHEMA", "Track.1")
    json.field("name", "V1")
    json.field("kind", "Video")
    _ = json.openArray("children")
    return timeline
  }

  /// The film, as a clip refers to it; it has so many frames.
  func media(_ length: Int, _ json: inout JSONWriter) {
    json.object("media_reference") { json in
      json.field("OTIO_SCHEMA", "ExternalReference.1")
      json.field("target_url", Self.address(asset.name))
      range("available_range", 0, length, &json)
    }
  }

  func range(_ name: StaticString, _ start: Int, _ length: Int, _ json: inout JSONWriter) {
    json.object(.fixed(name)) { json in
      json.field("OTIO_SCHEMA", "TimeRange.1")
      time("start_time", start, &json)
      time("duration", length, &json)
    }
  }

  /// A rate is written with all its digits: readers compare it with those that they know.
  private func time(_ name: StaticString, _ frames: Int, _ json: inout JSONWriter) {
    json.object(.fixed(name)) { json in
      json.field("OTIO_SCHEMA", "RationalTime.1")
      json.field("rate", embedding: Array(String(rate.value).utf8))
      json.field("value", embedding: Array("\(frames).0".utf8))
    }
  }

  /// The name as a relative URL.
  static func address(_ name: String) -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    return name.utf8.map { byte in
      plain.contains(byte) ? String(UnicodeScalar(byte)) : "%" + Hex.text([byte]).uppercased()
    }.joined()
  }
}
