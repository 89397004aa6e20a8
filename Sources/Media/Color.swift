internal import Base
internal import CFFmpeg

/// Matrix and range of one picture, as they are used.
struct Color: Hashable {
  let matrix: ColorMatrix
  /// What FFmpeg's scaler takes, where nothing is said BT.601 at every size.
  let matrixByFFmpeg: ColorMatrix
  /// Luma 0 to 255 rather than 16 to 235.
  let isFullRange: Bool
  /// Luma, V to red, U to green, V to green, U to blue, in 1/8192: the inverse of the recommendations' equations.
  let factors: [Int16]

  /// What the picture says, and where it says nothing, what its size suggests.
  ///
  /// BT.709 from 1280 columns or above 576 rows, else BT.601 (the rule of common players). Stills that say nothing are
  /// BT.601, as JPEG and WebP define. Gray pictures are full range unless they say otherwise.
  init(_ tags: ColorTags, size: Size, layout: PixelLayout?, isGray: Bool, isPicture: Bool) {
    switch tags.space {
    case AVCOL_SPC_BT709, AVCOL_SPC_SMPTE240M: matrix = .bt709
    case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M, AVCOL_SPC_FCC: matrix = .bt601
    case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: matrix = .bt2020
    default: matrix = !isPicture && (size.width >= 1280 || size.height > 576) ? .bt709 : .bt601
    }
    matrixByFFmpeg = tags.space == AVCOL_SPC_UNSPECIFIED ? .bt601 : matrix
    let unsaid = tags.range == AVCOL_RANGE_UNSPECIFIED
    isFullRange =
      layout?.isFullRangeByName == true || tags.range == AVCOL_RANGE_JPEG || (unsaid && isGray)
    factors = Self.factors(matrix, isFullRange: isFullRange)
  }

  private static func factors(_ matrix: ColorMatrix, isFullRange: Bool) -> [Int16] {
    let (red, blue) = matrix.weights
    let green = 1 - red - blue
    let luma = isFullRange ? 1 : 255.0 / 219
    let chroma = isFullRange ? 2 : 2 * 255.0 / 224
    return [
      luma, chroma * (1 - red), chroma * (1 - blue) * blue / green, chroma * (1 - red) * red / green,
      chroma * (1 - blue),
    ].map { Int16(($0 * 8192).rounded()) }
  }
}

/// What a stream or a picture says about its colours.
struct ColorTags: Hashable {
  var space: AVColorSpace
  var range: AVColorRange

  init(space: AVColorSpace, range: AVColorRange) { (self.space, self.range) = (space, range) }

  init(_ codec: AVCodecParameters) { unsafe (space, range) = (codec.color_space, codec.color_range) }

  /// A picture's own words; what it leaves unsaid is taken from its stream.
  init(_ picture: Picture, stream: ColorTags) {
    let (space, range) = unsafe (picture.frame.pointee.colorspace, picture.frame.pointee.color_range)
    self.space = space == AVCOL_SPC_UNSPECIFIED ? stream.space : space
    self.range = range == AVCOL_RANGE_UNSPECIFIED ? stream.range : range
  }
}

/// How the samples of a picture are to be read; worked out once and kept as long as pictures look the same.
struct PixelInterpretation {
  /// `nil` for pictures that have to be converted first.
  let layout: PixelLayout?
  let color: Color
  private let format: AVPixelFormat
  private let size: Size
  private let tags: ColorTags

  init(format: AVPixelFormat, size: Size, tags: ColorTags, isPicture: Bool) {
    (self.format, self.size, self.tags) = (format, size, tags)
    layout = PixelLayout(format)
    color = Color(tags, size: size, layout: layout, isGray: PixelLayout.isGray(format), isPicture: isPicture)
  }

  func fits(_ picture: Picture, _ tags: ColorTags) -> Bool {
    picture.format == format && picture.size == size && self.tags == tags
  }
}
