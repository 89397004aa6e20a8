internal import Base

/// Pixels that can be painted: RGB bytes, row by row.
///
/// Whatever lies outside is left out, so no coordinate is wrong.
struct Canvas {
  var pixels: [UInt8]
  let size: Size

  /// Pixels from `left` and `top` up to, but without, `right` and `bottom`.
  struct Area {
    var left: Int
    var top: Int
    var right: Int
    var bottom: Int

    /// `nil` when nothing of it is inside the picture.
    func clipped(to size: Size) -> Area? {
      let inside = Area(
        left: max(left, 0), top: max(top, 0), right: min(right, size.width), bottom: min(bottom, size.height))
      return inside.left < inside.right && inside.top < inside.bottom ? inside : nil
    }
  }

  mutating func fill(_ area: Area, _ color: Palette.Color) {
    guard let area = area.clipped(to: size) else { return }
    for y in area.top..<area.bottom {
      var place = (y * size.width + area.left) * 3
      for _ in area.left..<area.right {
        pixels[place] = color.red
        pixels[place + 1] = color.green
        pixels[place + 2] = color.blue
        place += 3
      }
    }
  }

  /// Mixes the colour in; `opacity` is 0 to 256.
  mutating func shade(_ area: Area, _ color: Palette.Color, opacity: Int) {
    guard let area = area.clipped(to: size) else { return }
    for y in area.top..<area.bottom {
      for x in area.left..<area.right { mix(color, opacity, at: (y * size.width + x) * 3) }
    }
  }

  /// `place` is the index of the pixel's first byte.
  mutating func mix(_ color: Palette.Color, _ opacity: Int, at place: Int) {
    let rest = 256 - opacity
    pixels[place] = UInt8((Int(pixels[place]) * rest + Int(color.red) * opacity) >> 8)
    pixels[place + 1] = UInt8((Int(pixels[place + 1]) * rest + Int(color.green) * opacity) >> 8)
    pixels[place + 2] = UInt8((Int(pixels[place + 2]) * rest + Int(color.blue) * opacity) >> 8)
  }

  /// The four sides, `thickness` pixels wide, inside the area.
  mutating func frame(_ area: Area, thickness: Int, _ color: Palette.Color) {
    let (top, bottom) = (min(area.top + thickness, area.bottom), max(area.bottom - thickness, area.top))
    fill(Area(left: area.left, top: area.top, right: area.right, bottom: top), color)
    fill(Area(left: area.left, top: bottom, right: area.right, bottom: area.bottom), color)
    let (left, right) = (min(area.left + thickness, area.right), max(area.right - thickness, area.left))
    fill(Area(left: area.left, top: top, right: left, bottom: bottom), color)
    fill(Area(left: right, top: top, right: area.right, bottom: bottom), color)
  }

  /// A straight line with a square brush.
  mutating func line(_ from: (x: Int, y: Int), _ to: (x: Int, y: Int), thickness: Int, _ color: Palette.Color) {
    let steps = max(abs(to.x - from.x), abs(to.y - from.y), 1)
    for step in 0...steps {
      let (x, y) = (from.x + (to.x - from.x) * step / steps, from.y + (to.y - from.y) * step / steps)
      let (left, top) = (x - thickness / 2, y - thickness / 2)
      fill(Area(left: left, top: top, right: left + thickness, bottom: top + thickness), color)
    }
  }

  mutating func disc(_ center: (x: Int, y: Int), radius: Int, _ color: Palette.Color) {
    for y in -radius...radius {
      let reach = Int(Double(radius * radius + radius - y * y).squareRoot())
      fill(
        Area(left: center.x - reach, top: center.y + y, right: center.x + reach + 1, bottom: center.y + y + 1), color)
    }
  }

  /// A line from its top left corner, each pixel of the grid `scale` pixels wide.
  mutating func text(_ line: TextLine, x: Int, y: Int, scale: Int, _ color: Palette.Color) {
    var left = x
    for letter in line.letters {
      switch letter {
      case .ascii(let letter): draw(letter, x: left, y: y, scale: scale, color)
      case .glyph(let glyph): draw(glyph, x: left, y: y, scale: scale, color)
      }
      left += letter.cells * Font.width * scale
    }
  }

  private mutating func draw(_ letter: UInt8, x: Int, y: Int, scale: Int, _ color: Palette.Color) {
    let glyph = Font.glyph(letter)
    for row in 0..<Font.height {
      let bits = (row < 8 ? glyph.upper : glyph.lower) >> UInt64(8 * (7 - row % 8)) & 255
      for column in 0..<Font.width where bits >> UInt64(7 - column) & 1 == 1 {
        let (pixelX, pixelY) = (x + column * scale, y + row * scale)
        fill(Area(left: pixelX, top: pixelY, right: pixelX + scale, bottom: pixelY + scale), color)
      }
    }
  }

  /// Mixed in by its grey levels; what reaches above or below the line is left out.
  private mutating func draw(_ glyph: Typeface.Glyph, x: Int, y: Int, scale: Int, _ color: Palette.Color) {
    guard glyph.width > 0,
      let line = Area(left: 0, top: y, right: size.width, bottom: y + Font.height * scale).clipped(to: size)
    else { return }
    let top = y + Font.baseline * scale - glyph.top
    for (place, level) in glyph.coverage.enumerated() where level > 0 {
      let (row, column) = (top + place / glyph.width, x + glyph.left + place % glyph.width)
      guard line.top..<line.bottom ~= row, line.left..<line.right ~= column else { continue }
      mix(color, Int(level) + Int(level >> 7), at: (row * size.width + column) * 3)
    }
  }
}
