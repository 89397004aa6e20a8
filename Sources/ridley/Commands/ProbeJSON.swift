import Base
import Media

/// A file's facts as JSON; every key is always there, what is not known is null.
enum ProbeJSON {
  static func write(_ file: String, _ info: MediaInfo, into json: inout JSONWriter) {
    texts(
      [
        ("file", file), ("format", info.format), ("codec", info.codec), ("profile", info.profile),
        ("orientation", "\(info.orientation)"), ("sample_aspect", "\(info.sampleAspect)"),
        ("frame_rate", "\(info.frameRate)"), ("time_base", "\(info.timeBase)"), ("pixel_format", info.pixelFormat),
        ("color_matrix", info.colorMatrix), ("color_range", info.colorRange),
        ("color_primaries", info.colorPrimaries), ("color_transfer", info.colorTransfer),
      ], into: &json)
    integers(
      [
        ("bytes", info.byteCount), ("streams", info.streamCount), ("stream", info.streamIndex),
        ("width", info.size.width), ("height", info.size.height), ("coded_width", info.codedSize.width),
        ("coded_height", info.codedSize.height), ("bit_depth", info.bitDepth), ("frame_count", info.frameCount),
        ("start_pts", info.startPTS),
      ], into: &json)
    json.key("duration")
    if let duration = info.duration { json.number(duration, digits: 6) } else { json.null() }
    json.key("has_audio")
    json.bool(info.hasAudio)
    json.key("is_picture")
    json.bool(info.isPicture)
  }

  static func write(_ frame: Frame, into json: inout JSONWriter) {
    json.beginObject()
    integers([("frame", frame.index), ("pts", frame.pts)], into: &json)
    json.key("time")
    json.number(frame.time, digits: 6)
    json.key("key")
    json.bool(frame.isKeyFrame)
    json.key("corrupt")
    json.bool(frame.isCorrupt)
    json.endObject()
  }

  private static func texts(_ fields: [(String, String)], into json: inout JSONWriter) {
    for (key, text) in fields {
      json.key(name: key)
      json.string(text)
    }
  }

  private static func integers(_ fields: [(String, Int?)], into json: inout JSONWriter) {
    for (key, number) in fields {
      json.key(name: key)
      if let number { json.integer(number) } else { json.null() }
    }
  }
}
