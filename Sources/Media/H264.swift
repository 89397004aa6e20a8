internal import Base
internal import CFFmpeg

/// How H.264 is written: by the first of the encoders below that this FFmpeg has, at a constant quality.
struct H264 {
  /// Both sides even.
  let size: Size
  let timeBase: Ratio
  let frameRate: Ratio

  func encoder() throws(Fault) -> Encoder {
    guard let kind = Self.kinds.first(where: { Encoder.isThere($0.name) }) else {
      let names = Self.kinds.map(\.name).joined(separator: " nor ")
      throw Fault(.unsupported, "no H.264 video can be written here: this FFmpeg has neither \(names)")
    }
    guard kind.takes(size) else {
      throw Fault(
        .unsupported,
        "a video of \(size) pixels cannot be written here: the encoder \(kind.name) takes \(kind.sizes); choose another size"
      )
    }
    return unsafe try Encoder(kind.name, purpose: "write H.264 video", options: kind.options) { context in
      unsafe context.pointee.width = Int32(size.width)
      unsafe context.pointee.height = Int32(size.height)
      unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
      unsafe context.pointee.time_base = timeBase.c
      if let rate = frameRate.isKnown ? frameRate : kind.usualRate { unsafe context.pointee.framerate = rate.c }
      // Without B-frames decoding starts at the first timestamp, and no player needs an edit list for the delay.
      unsafe context.pointee.max_b_frames = 0
      unsafe context.pointee.color_range = AVCOL_RANGE_MPEG
      unsafe context.pointee.colorspace = AVCOL_SPC_BT709
      unsafe context.pointee.color_primaries = AVCOL_PRI_BT709
      unsafe context.pointee.color_trc = AVCOL_TRC_BT709
      unsafe context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
      unsafe context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
    }
  }

  /// Whether a video of this size can be written; `nil` where there is no encoder.
  static func takes(_ size: Size) -> Bool? { kinds.first { Encoder.isThere($0.name) }?.takes(size) }

  /// The encoder and how it is told to work; `nil` where there is none.
  static var identity: String? {
    kinds.first { Encoder.isThere($0.name) }.map { kind in
      ([kind.name] + kind.options.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }
  }

  private struct Kind {
    let name: String
    let options: KeyValuePairs<String, String>
    /// What it is told where the film's own rate is not known.
    var usualRate: Ratio?
    var leastSide = 2
    var mostPixels = Int.max

    var sizes: String { "sides from \(leastSide) on and \(mostPixels) pixels at most" }

    func takes(_ size: Size) -> Bool { min(size.width, size.height) >= leastSide && size.area <= mostPixels }
  }

  private static let kinds = [
    Kind(name: "libx264", options: ["preset": "veryfast", "crf": "20"]),
    // The encoder's own way to a quality starves moving pictures; a fixed quantiser does not, and then its bit rate counts for nothing.
    // One slice a picture is smallest; a key frame every 250 is what libx264 does. Sizes: OpenH264 2.3, `ParamValidationExt`.
    Kind(
      name: "libopenh264",
      options: [
        "rc_mode": "quality", "qmin": "18", "qmax": "18", "profile": "high", "coder": "cabac", "slices": "1",
        "g": "250",
      ],
      usualRate: Ratio(25, 1), leastSide: 16, mostPixels: 9_437_184),
  ]
}
