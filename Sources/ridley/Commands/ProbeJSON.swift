import Base
import Media

/// A file's facts as JSON; every key is always there, what is not known is null.
enum ProbeJSON {
  static func write(_ file: String, _ info: MediaInfo, into json: inout JSONWriter) {
    json.field("file", file)
    json.field("format", info.format)
    json.field("codec", info.codec)
    json.field("profile", info.profile)
    json.field("orientation", "\(info.orientation)")
    json.field("sample_aspect", "\(info.sampleAspect)")
    json.field("frame_rate", "\(info.frameRate)")
    json.field("time_base", "\(info.timeBase)")
    json.field("pixel_format", info.pixelFormat)
    json.field("color_matrix", info.colorMatrix)
    json.field("color_range", info.colorRange)
    json.field("color_primaries", info.colorPrimaries)
    json.field("color_transfer", info.colorTransfer)
    json.field("bytes", info.byteCount)
    json.field("streams", info.streamCount)
    json.field("stream", info.streamIndex)
    json.field("width", info.size.width)
    json.field("height", info.size.height)
    json.field("coded_width", info.codedSize.width)
    json.field("coded_height", info.codedSize.height)
    json.field("bit_depth", info.bitDepth)
    json.field("frame_count", info.frameCount)
    json.field("start_pts", info.startPTS)
    json.field("duration", info.duration, digits: 6)
    json.field("has_audio", info.hasAudio)
    json.field("is_picture", info.isPicture)
  }

  static func write(_ frame: Frame, into json: inout JSONWriter) {
    json.object { json in
      json.field("frame", frame.index)
      json.field("pts", frame.pts)
      json.field("time", frame.time, digits: 6)
      json.field("key", frame.isKeyFrame)
      json.field("corrupt", frame.isCorrupt)
    }
  }
}
