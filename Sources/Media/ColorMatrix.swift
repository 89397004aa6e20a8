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
