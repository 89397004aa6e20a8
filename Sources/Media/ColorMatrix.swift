internal import Base
internal import CFFmpeg

/// The weights that turn luma and chroma back into red, green and blue.
public enum ColorMatrix: String, Sendable, Hashable {
  case bt601
  case bt709
  case bt2020
}

extension ColorMatrix {
  /// The parts of red and blue in luma (ITU-R BT.601-7, BT.709-6, BT.2020-2).
  var weights: (red: Double, blue: Double) {
    switch self {
    case .bt601: (0.299, 0.114)
    case .bt709: (0.2126, 0.0722)
    case .bt2020: (0.2627, 0.0593)
    }
  }

  /// The libraries' number for it in `sws_getCoefficients`.
  var swscaleNumber: Int32 {
    switch self {
    case .bt601: SWS_CS_ITU601
    case .bt709: SWS_CS_ITU709
    case .bt2020: SWS_CS_BT2020
    }
  }
}

/// Matrix and range of one picture, as they are used.
struct Colour: Hashable {
  let matrix: ColorMatrix
  /// Luma 0 to 255 rather than 16 to 235.
  let isFullRange: Bool

  init(matrix: ColorMatrix, isFullRange: Bool) { (self.matrix, self.isFullRange) = (matrix, isFullRange) }

  /// What the picture says, and where it says nothing, what its size suggests.
  ///
  /// BT.709 from 1280 columns or above 576 rows, else BT.601 (the rule of common players). Stills that say nothing are
  /// BT.601, as JPEG and WebP define. Gray pictures are full range unless they say otherwise.
  init(
    space: AVColorSpace, range: AVColorRange, size: Size, format: AVPixelFormat, isPicture: Bool
  ) {
    switch space {
    case AVCOL_SPC_BT709, AVCOL_SPC_SMPTE240M: matrix = .bt709
    case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M, AVCOL_SPC_FCC: matrix = .bt601
    case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: matrix = .bt2020
    default: matrix = !isPicture && (size.width >= 1280 || size.height > 576) ? .bt709 : .bt601
    }
    let layout = PixelLayout(format)
    let isGray = layout?.kind == .gray
    isFullRange =
      layout?.isFullRangeByName == true || range == AVCOL_RANGE_JPEG || (range == AVCOL_RANGE_UNSPECIFIED && isGray)
  }

  init(_ codec: AVCodecParameters, size: Size, format: AVPixelFormat, isPicture: Bool) {
    unsafe self.init(
      space: codec.color_space, range: codec.color_range, size: size, format: format, isPicture: isPicture)
  }

  /// Of a decoded picture; what it leaves unsaid is taken from its stream.
  init(_ picture: Picture, stream: Colour.Words, isPicture: Bool) {
    let frame = unsafe picture.frame.pointee
    unsafe self.init(
      space: frame.colorspace == AVCOL_SPC_UNSPECIFIED ? stream.space : frame.colorspace,
      range: frame.color_range == AVCOL_RANGE_UNSPECIFIED ? stream.range : frame.color_range,
      size: picture.size, format: picture.format, isPicture: isPicture)
  }

  /// Luma, V to red, U to green, V to green, U to blue, in 1/8192: the inverse of the recommendations' equations.
  var factors: [Int16] {
    let (red, blue) = matrix.weights
    let green = 1 - red - blue
    let luma = isFullRange ? 1 : 255.0 / 219
    let chroma = isFullRange ? 2 : 2 * 255.0 / 224
    return [
      luma, chroma * (1 - red), chroma * (1 - blue) * blue / green, chroma * (1 - red) * red / green,
      chroma * (1 - blue),
    ].map { Int16(($0 * 8192).rounded()) }
  }

  /// What a stream says about its colours.
  struct Words {
    let space: AVColorSpace
    let range: AVColorRange
  }
}
