import Base
import Glibc
import Insights
import TestKit

/// A film drawn frame by frame: smooth pictures, told apart by a number, that may move.
struct Film {
  typealias Picture = [Float]

  static let size = ShotDescriptor.rendition
  var frames: [Picture] = []
  var frameRate = 25.0

  /// Red, green and blue of a scene; `shift` moves the camera by so many pixels of the small picture.
  static func picture(_ scene: Int, shift: Double = 0, light: Float = 1, isGray: Bool = false) -> Picture {
    var random = SeededRandom(UInt64(scene) &* 7919 &+ 17)
    let waves = (0..<18).map { _ in
      (
        x: Double.random(in: -0.5...0.5, using: &random), y: Double.random(in: -0.6...0.6, using: &random),
        phase: Double.random(in: 0...6.28, using: &random)
      )
    }
    let base = (0..<3).map { _ in Double.random(in: 70...180, using: &random) }
    var picture: Picture = []
    for y in 0..<size.height {
      for x in 0..<size.width {
        let channels = (0..<3).map { channel in
          waves[channel * 6..<channel * 6 + 6].reduce(base[channel]) { sum, wave in
            sum + 16 * sin(wave.x * (Double(x) + shift) + wave.y * Double(y) + wave.phase)
          }
        }
        for channel in 0..<3 { picture.append(light * Float(isGray ? channels[0] : channels[channel])) }
      }
    }
    return picture
  }

  static func even(_ level: Float) -> Picture { Picture(repeating: level, count: size.area * 3) }

  static func color(_ red: Float, _ green: Float, _ blue: Float) -> Picture {
    (0..<size.area).flatMap { _ in [red, green, blue] }
  }

  /// A scene for some frames, which moves by `pan` pixels a frame; slow movement goes on with every fifth.
  mutating func shot(_ scene: Int, _ count: Int, pan: Double = 0.1, isGray: Bool = false) {
    let hold = pan < 1 ? 5 : 1
    for place in stride(from: 0, to: count, by: hold) {
      let picture = Self.picture(scene, shift: Double(place) * pan, isGray: isGray)
      self.hold(picture, min(hold, count - place))
    }
  }

  mutating func hold(_ picture: Picture, _ count: Int) { frames += Array(repeating: picture, count: count) }

  /// Frames that are ever more of `scene`, from the last one there is.
  mutating func dissolve(to scene: Int, _ count: Int) { mix(to: Self.picture(scene), count) }

  mutating func mix(to picture: Picture, _ count: Int) {
    let last = frames[frames.count - 1]
    frames += (1...count).map { step in
      let share = Float(step) / Float(count + 1)
      return zip(last, picture).map { $0 * (1 - share) + $1 * share }
    }
  }

  /// Adds light to frames, as a photographer's flash does.
  mutating func flash(_ places: Range<Int>, _ light: Float = 120) {
    for place in places { frames[place] = frames[place].map { $0 + light } }
  }

  /// Grain in every pixel.
  mutating func grain(_ amount: Float) {
    var random = SeededRandom(5)
    for place in frames.indices {
      frames[place] = frames[place].map { $0 + Float.random(in: -amount...amount, using: &random) }
    }
  }

  /// Black above and below.
  mutating func letterbox(_ rows: Int) {
    for place in frames.indices {
      for pixel in 0..<Self.size.area where !(rows..<Self.size.height - rows).contains(pixel / Self.size.width) {
        for channel in 0..<3 { frames[place][pixel * 3 + channel] = 0 }
      }
    }
  }

  static func descriptor(_ picture: Picture) -> ShotDescriptor {
    let bytes = picture.map { UInt8(max(0, min(255, $0))) }
    return ShotDescriptor(rgb: bytes.span)
  }

  /// What the built-in method finds.
  func shots(_ settings: ShotSettings = ShotSettings(), times: [Double]? = nil, end: Double? = nil) -> ShotList {
    var detector = ShotDetector(settings)
    for (place, frame) in frames.enumerated() {
      detector.add(index: place, time: times?[place] ?? Double(place) / frameRate, Self.descriptor(frame))
    }
    return detector.finish(end: end)
  }

  /// Transitions as last and first frame.
  func changes(_ settings: ShotSettings = ShotSettings()) -> [[Int]] {
    shots(settings).transitions.map { [$0.from, $0.to] }
  }
}
