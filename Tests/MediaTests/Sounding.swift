import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// Films with clicks beside flashes, and what is found of them.
enum Sounding {
  /// Seconds of clicks and flashes; flashes are one frame of 25 a second.
  static let times = [1.0, 2.4, 3.64]
  /// A click is a burst of 1 kHz under a bell that is highest at its time, so its middle stands even where a codec smears it.
  static func clicks(_ times: [Double] = times, rate: Int = 48_000, length: Double = 5, noise: Double = 0) -> [String] {
    let bells = times.map { "exp(-pow((t-\($0))/0.002,2))*sin(2*PI*1000*(t-\($0))+PI/2)" }
    let hiss = noise > 0 ? "+\(noise)*(random(0)-0.5)" : ""
    return ["-f", "lavfi", "-i", "aevalsrc='0.7*(\(bells.joined(separator: "+")))\(hiss)':s=\(rate):d=\(length)"]
  }

  static func flashes(_ times: [Double] = times, length: Double = 5, fps: Int = 25) -> [String] {
    let hits = times.map { "eq(N,\(Int(($0 * Double(fps)).rounded())))" }.joined(separator: "+")
    return [
      "-f", "lavfi", "-i",
      "color=black:s=64x48:r=\(fps):d=\(length),format=yuv420p,geq=lum='if(\(hits),235,16)':cb=128:cr=128",
    ]
  }

  static let h264 = ["-c:v", "libx264", "-g", "25", "-bf", "2", "-pix_fmt", "yuv420p", "-preset", "ultrafast"]

  struct Heard {
    var info: SoundInfo
    var tally: SoundTally
    /// All blocks together, from number `info.first` on.
    var samples: [Float]

    var seconds: Double { Double(samples.count) / 16_000 }
    var end: Double { Double(info.first + samples.count) / 16_000 }

    /// The middle of the energy around the loudest place within a quarter of a second of `time`; `nil` where all is quiet.
    func click(near time: Double, within reach: Double = 0.25) -> Double? {
      let middle = Int(time * 16_000) - info.first
      let range = max(0, middle - Int(reach * 16_000))..<min(samples.count, middle + Int(reach * 16_000))
      guard !range.isEmpty, let top = range.max(by: { abs(samples[$0]) < abs(samples[$1]) }), abs(samples[top]) > 0.05
      else { return nil }
      var (sum, weight) = (0.0, 0.0)
      for index in max(0, top - 160)...min(samples.count - 1, top + 160) {
        let energy = Double(samples[index]) * Double(samples[index])
        (sum, weight) = (sum + energy * Double(index), weight + energy)
      }
      return (sum / weight + Double(info.first)) / 16_000
    }

    func rms(_ range: ClosedRange<Double>) -> Double {
      let part = samples[
        max(
          0, Int(range.lowerBound * 16_000) - info.first)..<min(
            samples.count, Int(range.upperBound * 16_000) - info.first)]
      return (part.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, part.count))).squareRoot()
    }
  }

  static func hear(_ path: String) throws -> Heard {
    let reader = try #require(try SoundReader.open(path))
    var samples: [Float] = []
    var next = reader.info.first
    while let block = try reader.next() {
      #expect(block.start == next && !block.samples.isEmpty, "blocks follow each other")
      next = block.end
      samples += block.samples
    }
    return Heard(info: reader.info, tally: reader.tally, samples: samples)
  }

  /// Seconds of bright frames.
  static func bright(_ path: String) throws -> [Double] {
    let reader = try MediaReader(path)
    var times: [Double] = []
    while let frame = try reader.next() {
      let rgb = try frame.rgb(size: Size(width: 4, height: 4))
      if rgb.reduce(0, { $0 + Int($1) }) > 48 * 128 { times.append(frame.time) }
    }
    return times
  }

  /// How far each click is from its flash, in milliseconds.
  static func apart(_ path: String, expects count: Int = times.count) throws -> [Double] {
    let (heard, bright) = (try hear(path), try bright(path))
    try #require(bright.count == count, "\(bright)")
    return try bright.map { (try #require(heard.click(near: $0), "no click near \($0)") - $0) * 1000 }
  }
}
