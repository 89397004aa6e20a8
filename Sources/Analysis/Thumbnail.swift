internal import Base

/// A smaller copy of a picture for the page.
enum Thumbnail {
  /// Wide enough for two columns on a laptop.
  private static let width = 480

  /// Averages whole blocks of pixels, so that lines of a drawing stay visible; small pictures stay as they are.
  static func make(of rgb: [UInt8], _ size: Size) -> (rgb: [UInt8], size: Size) {
    let factor = size.width / width
    guard factor > 1, size.height >= factor else { return (rgb, size) }
    let small = Size(width: size.width / factor, height: size.height / factor)
    var bytes = [UInt8](repeating: 0, count: small.area * 3)
    for y in 0..<small.height {
      for x in 0..<small.width {
        for channel in 0..<3 {
          var sum = 0
          for row in y * factor..<(y + 1) * factor {
            for column in x * factor..<(x + 1) * factor { sum += Int(rgb[(row * size.width + column) * 3 + channel]) }
          }
          bytes[(y * small.width + x) * 3 + channel] = UInt8(sum / (factor * factor))
        }
      }
    }
    return (bytes, small)
  }
}
