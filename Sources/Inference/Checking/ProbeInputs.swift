internal import Base

/// What a network is asked when it is checked: the same every time.
struct ProbeInputs {
  let inputs: [TensorSpec]

  /// Kinds of values, each of which shows what others hide.
  enum Kind: CaseIterable {
    /// Where an input is a picture: a drawn scene, with plain surfaces, edges and grain.
    case scene
    case noise
    /// From one end of the range to the other.
    case ramp
  }

  var zeros: [[UInt8]] {
    inputs.map { spec in [UInt8](repeating: 0, count: spec.shape.reduce(spec.element.byteCount) { $0 * ($1 ?? 1) }) }
  }

  /// One row of each input; sides that are open count once.
  func row(_ kind: Kind) -> [[UInt8]] {
    var dice = ProbeDice()
    // Whole numbers are drawn for each kind: three times the same would be one input.
    for _ in Kind.allCases.prefix(while: { $0 != kind }) { _ = dice.next() }
    return inputs.map { spec in
      let count = spec.shape.reduce(1) { $0 * ($1 ?? 1) }
      switch kind {
      case .scene:
        if let scene = Scene(spec) { return scene.bytes(&dice) }
        return Self.row(spec, count) { _ in Double(dice.next()) / 4294967296 * 2 - 1 } ?? whole(spec, &dice)
      case .noise:
        return Self.row(spec, count) { _ in Double(dice.next()) / 4294967296 } ?? whole(spec, &dice)
      case .ramp:
        let last = Double(max(1, count - 1))
        return Self.row(spec, count) { Double($0) / last } ?? whole(spec, &dice)
      }
    }
  }

  /// Small whole numbers, which may be places in a table.
  private func whole(_ spec: TensorSpec, _ dice: inout ProbeDice) -> [UInt8] {
    let row = dice.row(of: spec)
    let first = (spec.shape.first ?? 1) ?? 1
    return first == 1 ? row : (0..<first).flatMap { _ in row }
  }

  /// Elements made from numbers between -1 and 1, as an input's type has them; `nil` for types of whole numbers that mean places.
  fileprivate static func row(_ spec: TensorSpec, _ count: Int, _ number: (Int) -> Double) -> [UInt8]? {
    func all<Number: BitwiseCopyable>(_ convert: (Double) -> Number) -> [UInt8] {
      (0..<count).map { convert(number($0)) }.rawBytes
    }
    return switch spec.element {
    case .f32: all { Float($0) }
    case .f16: all { Float16($0) }
    case .f64: all { $0 }
    case .u8: all { UInt8(min(255, abs($0) * 255)) }
    case .i8: all { Int8(max(-128, min(127, ($0 * 255).rounded(.down) - 128))) }
    default: nil
    }
  }
}

/// A picture that is drawn, not kept: a sky, a ground, some bodies of flat colour, and grain over all.
private struct Scene {
  private let spec: TensorSpec
  private let (width, height, channels): (Int, Int, Int)
  private let isChannelsFirst: Bool

  /// `nil` for what no picture is: four sides, of which one of 1 or 3 stands first or last behind the batch.
  init?(_ spec: TensorSpec) {
    let sides = spec.shape.map { $0 ?? 1 }
    guard sides.count == 4, sides[0] == 1 else { return nil }
    if [1, 3].contains(sides[3]) {
      (isChannelsFirst, height, width, channels) = (false, sides[1], sides[2], sides[3])
    } else if [1, 3].contains(sides[1]) {
      (isChannelsFirst, height, width, channels) = (true, sides[2], sides[3], sides[1])
    } else {
      return nil
    }
    self.spec = spec
  }

  /// Discs and squares: middle and half width as shares of the picture, and a colour.
  private static let bodies: [(x: Double, y: Double, size: Double, isRound: Bool, color: [Double])] = [
    (0.30, 0.35, 0.16, true, [0.86, 0.66, 0.55]), (0.30, 0.72, 0.22, false, [0.20, 0.28, 0.60]),
    (0.72, 0.55, 0.20, false, [0.75, 0.15, 0.12]), (0.62, 0.78, 0.07, true, [0.08, 0.08, 0.09]),
    (0.84, 0.78, 0.07, true, [0.08, 0.08, 0.09]), (0.85, 0.15, 0.08, true, [0.98, 0.93, 0.62]),
  ]

  func bytes(_ dice: inout ProbeDice) -> [UInt8] {
    let count = width * height * channels
    let grain = (0..<count).map { _ in Double(dice.next()) / 4294967296 * 0.08 - 0.04 }
    return ProbeInputs.row(spec, count) { place in
      let (pixel, channel) =
        isChannelsFirst
        ? (place % (width * height), place / (width * height)) : (place / channels, place % channels)
      let value = color(Double(pixel % width) / Double(width), Double(pixel / width) / Double(height), channel)
      return min(1, max(0, value + grain[place]))
    } ?? []
  }

  private func color(_ x: Double, _ y: Double, _ channel: Int) -> Double {
    for body in Self.bodies.reversed() {
      let (across, down) = (abs(x - body.x), abs(y - body.y))
      let isInside =
        body.isRound ? across * across + down * down < body.size * body.size : max(across, down) < body.size
      // A little darker below, as light from above leaves it.
      if isInside { return body.color[channel] * (1.1 - 0.4 * (y - body.y + body.size)) }
    }
    return y < 0.5 ? [0.45, 0.62, 0.85][channel] + 0.3 * y : [0.35, 0.40, 0.25][channel] + 0.2 * (y - 0.5) * x
  }
}
