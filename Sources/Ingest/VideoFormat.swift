internal import Base

/// How a camera codes its pictures, and in what clock it tells their times.
public struct VideoFormat: Sendable, Hashable {
  public enum Codec: String, Sendable, Hashable, CaseIterable { case h264, hevc, av1, mjpeg }

  public let codec: Codec
  /// Ticks a second of ``AccessUnit/time``.
  public let clockRate: Int
  /// Which of the session's formats it is.
  let number: UInt8
  /// Parameter sets that were told beforehand, with start codes; empty where they come with the pictures.
  public let parameters: [UInt8]
  /// Of its pictures, where that was told beforehand; else 0.
  var width = 0
  var height = 0

  init(codec: Codec, clockRate: Int, number: UInt8, parameters: [UInt8]) {
    (self.codec, self.clockRate, self.number, self.parameters) = (codec, clockRate, number, parameters)
  }

  /// Of pictures that come in no packets of RTP.
  public init(_ codec: Codec, clockRate: Int, parameters: [UInt8]) {
    self.init(codec: codec, clockRate: clockRate, number: 0, parameters: parameters)
  }

  var depacketizer: any Depacketizer {
    switch codec {
    case .h264: H264Depacketizer()
    case .hevc: HEVCDepacketizer()
    case .av1: AV1Depacketizer()
    case .mjpeg: JPEGDepacketizer(width: width, height: height)
    }
  }
}

extension SessionDescription.Format {
  /// The format, where it is one that can be read.
  func video() -> VideoFormat? {
    let codec: VideoFormat.Codec
    switch encoding {
    case "H264": codec = .h264
    case "H265", "HEVC": codec = .hevc
    case "AV1": codec = .av1
    case "JPEG": codec = .mjpeg
    default: return nil
    }
    // Units out of their order would need to be sorted by numbers that no camera is known to send.
    guard parameters["sprop-max-don-diff", default: "0"] == "0", parameters["packetization-mode"] != "2" else {
      return nil
    }
    let names = ["sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets"]
    let sets = names.compactMap { parameters[$0] }.flatMap { $0.split(separator: ",") }
    let units = sets.prefix(32).compactMap { Base64.decode(padded: $0) }.filter { (1...4096).contains($0.count) }
    return VideoFormat(
      codec: codec, clockRate: clockRate, number: number, parameters: units.flatMap { [0, 0, 0, 1] + $0 })
  }
}

extension SessionDescription {
  /// The first track of pictures that can be read, else why there is none.
  func video() throws(Fault) -> (track: Track, format: VideoFormat) {
    let tracks = tracks.filter { $0.kind == "video" }
    for track in tracks {
      for format in track.formats {
        guard var video = format.video() else { continue }
        (video.width, video.height) = (track.width, track.height)
        return (track, video)
      }
    }
    guard let other = tracks.flatMap(\.formats).first else {
      throw Fault(.unsupported, "the camera has no picture: its description names no video")
    }
    let name = other.encoding.isEmpty ? "format \(other.number)" : String(other.encoding.prefix(32))
    throw Fault(
      .unsupported, "the camera sends \(name), which is not supported over RTSP: set it to H.264, HEVC, AV1 or MJPEG")
  }
}

extension Base64 {
  /// Some cameras leave the padding out, or write spaces and quotes around it.
  fileprivate static func decode(padded text: Substring) -> [UInt8]? {
    let text = text.filter { $0 != " " && $0 != "\"" }
    return decode(text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
  }
}
