public import Base
internal import Glibc

/// What a picture looks like, apart from what is on it.
public struct PictureStatistics: Sendable, Hashable {
  /// All from 0 to 1, by the measures of the same names.
  public let brightness: Double
  public let contrast: Double
  public let saturation: Double
  public let sharpness: Double

  /// The longest side of the pictures that are measured: what is measured depends on it.
  public static let side = 320

  /// The size at which a picture is measured: its longest side ``side``.
  public static func size(of picture: Size) -> Size {
    let longest = max(1, picture.width, picture.height)
    return Size(
      width: max(1, (picture.width * side + longest / 2) / longest),
      height: max(1, (picture.height * side + longest / 2) / longest))
  }

  /// Of three bytes a pixel, red first; luma by BT.601.
  public init(rgb: [UInt8], size: Size) {
    precondition(rgb.count == 3 * size.area && size.area > 0, "a picture has three bytes a pixel")
    var luma = [Int32](repeating: 0, count: size.area)
    var (sum, squares, chroma) = (0, 0, 0)
    for pixel in 0..<size.area {
      let (red, green, blue) = (Int32(rgb[3 * pixel]), Int32(rgb[3 * pixel + 1]), Int32(rgb[3 * pixel + 2]))
      let value = (77 * red + 150 * green + 29 * blue) >> 8
      luma[pixel] = value
      sum += Int(value)
      squares += Int(value * value)
      chroma += Int(max(red, green, blue) - min(red, green, blue))
    }
    let count = Double(size.area)
    let mean = Double(sum) / count
    brightness = mean / 255
    contrast = max(0, Double(squares) / count - mean * mean).squareRoot() / 255
    saturation = Double(chroma) / count / 255
    sharpness = Self.sharpness(luma, size)
  }

  /// For tests and for those that measure elsewhere.
  public init(brightness: Double, contrast: Double, saturation: Double, sharpness: Double) {
    (self.brightness, self.contrast, self.saturation, self.sharpness) = (brightness, contrast, saturation, sharpness)
  }

  subscript(_ measure: DriftMeasure) -> Double? {
    switch measure {
    case .brightness: brightness
    case .contrast: contrast
    case .saturation: saturation
    case .sharpness: sharpness
    case .labels, .scores, .objects, .areas: nil
    }
  }

  private static func sharpness(_ luma: [Int32], _ size: Size) -> Double {
    guard size.width > 2, size.height > 2 else { return 0 }
    var sum = 0
    for row in 1..<size.height - 1 {
      for pixel in row * size.width + 1..<(row + 1) * size.width - 1 {
        let around = luma[pixel - 1] + luma[pixel + 1] + luma[pixel - size.width] + luma[pixel + size.width]
        sum += Int(abs(4 * luma[pixel] - around))
      }
    }
    return Double(sum) / Double((size.width - 2) * (size.height - 2)) / (4 * 255)
  }
}
