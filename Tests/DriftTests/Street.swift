import Base
import Drift
import Foundation
import Predictions
import TestKit

/// A camera over a street, as numbers: light that follows the sun, things that stay for a while, and what may happen to it.
struct Street {
  enum Trouble: CaseIterable {
    case labelsVanish, scoresFall, cameraTurned, fog, night, lensCovered, unknownThings, scoresAreNoNumbers
  }

  private struct Thing {
    var label: String
    var share: Double
    var until: Double
  }

  var trouble: Trouble?
  private var random: SeededRandom
  private var things: [Thing] = []
  private let labels = ["person", "car", "bicycle", "dog", "truck", "bus"]
  /// Things that are there on average.
  var busyness = 6.0

  init(_ seed: UInt64) { random = SeededRandom(seed) }

  private mutating func normal() -> Double {
    (-2 * log(Double.random(in: 1e-9..<1, using: &random))).squareRoot()
      * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
  }

  /// What is seen at a moment, in seconds since 1970.
  mutating func look(at moment: Double, every: Double) -> (PictureStatistics, [Prediction]) {
    move(at: moment, every: every)
    return (picture(at: moment), answers())
  }

  private mutating func move(at moment: Double, every: Double) {
    things.removeAll { $0.until < moment }
    // They come by chance, and stay for a minute on average.
    let chance = busyness * every / 60
    var coming = Int(chance)
    if Double.random(in: 0..<1, using: &random) < chance - Double(coming) { coming += 1 }
    for _ in 0..<coming {
      let place = min(labels.count - 1, Int(-log(Double.random(in: 1e-9..<1, using: &random)) * 1.5))
      things.append(
        Thing(
          label: labels[place], share: exp(-4 + 0.8 * normal()),
          until: moment - 60 * log(Double.random(in: 1e-9..<1, using: &random))))
    }
  }

  private mutating func picture(at moment: Double) -> PictureStatistics {
    let sun = max(0, sin((moment.truncatingRemainder(dividingBy: 86_400) / 86_400 - 0.25) * 2 * .pi))
    var (light, contrast, color, sharpness) = (0.12 + 0.4 * sun, 0.1 + 0.08 * sun, 0.05 + 0.12 * sun, 0.012)
    switch trouble {
    case .fog: (contrast, sharpness, light) = (contrast * 0.35, sharpness * 0.4, light * 0.8 + 0.12)
    case .cameraTurned: (light, color, sharpness) = (light * 1.25 + 0.05, color * 0.5, sharpness * 1.8)
    case .lensCovered: (light, contrast, color, sharpness) = (0.02, 0.004, 0.002, 0.0006)
    case .night: (light, contrast, color) = (0.06, 0.05, 0.02)
    default: break
    }
    return PictureStatistics(
      brightness: max(0, light + 0.015 * normal()), contrast: max(0, contrast + 0.004 * normal()),
      saturation: max(0, color + 0.004 * normal()), sharpness: max(0, sharpness * exp(0.08 * normal())))
  }

  private mutating func answers() -> [Prediction] {
    var seen = things
    switch trouble {
    case .labelsVanish: seen.removeAll { ["person", "bicycle", "truck"].contains($0.label) }
    case .lensCovered: seen = []
    case .fog, .night: seen.removeAll { $0.share < exp(-4.2) }
    default: break
    }
    return seen.map { thing in
      var score = min(0.99, max(0.3, 0.75 + 0.1 * normal()))
      if trouble == .scoresFall { score -= 0.2 }
      if trouble == .scoresAreNoNumbers { score = .nan }
      let share = trouble == .cameraTurned ? thing.share * 3 : thing.share
      let side = min(1, share).squareRoot()
      let label = trouble == .unknownThings && thing.label == "person" ? "horse" : thing.label
      return Prediction(
        kind: .detection, label: label, score: Float(score), box: Rect(x: 0, y: 0, width: side, height: side))
    }
  }
}

extension DriftBook {
  static let network = DriftBook.Network(name: "street", model: "net@sha256:1", version: "1", countsObjects: true)

  /// Watches a street from one moment to another; gives what was told, and when.
  mutating func watch(
    _ street: inout Street, from: Double, to: Double, network: Network = DriftBook.network
  ) -> [(at: Double, event: Event)] {
    var (told, moment) = ([(at: Double, event: Event)](), from)
    while moment < to {
      let (picture, answers) = street.look(at: moment, every: settings.every)
      told += add(picture, at: moment).map { (at: moment, event: $0) }
      told += add([(network, answers)], at: moment).map { (at: moment, event: $0) }
      moment += settings.every
    }
    return told
  }
}
