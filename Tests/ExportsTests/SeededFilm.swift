import Base
import Exports
import Predictions
import TestKit

/// A film of 320 by 180 pixels and a made-up analysis of it, in which names are as odd as users', and numbers as odd as networks'.
struct SeededFilm {
  static let labels = [
    "plain", "a,b", "say \"hi\"", "two\nlines", "cr\r\n\r\nlf", "\u{1F3AC} film", "a --> b", "-->", "<b>&amp;</b> & <",
    String(repeating: "x", count: 300), "", "=1+1", "* LOC: 00:00:00:00 RED x", "FROM CLIP NAME: y", "\ttab",
    "\u{fc}n\u{ef}",
    "NOTE", "00:00:00.000 --> 00:00:01.000",
  ]

  let asset: ExportedAsset
  /// In order of frames.
  var rows: [PredictionRow]

  /// With `isLong`, part of it lies behind 24 hours.
  init(_ seed: UInt64, rate: Ratio, isLong: Bool) {
    var random = SeededRandom(seed)
    let lastFrame = isLong ? 2_700_300 : 300
    var asset = ExportedAsset(
      id: "01J\(seed)", name: "clip,\"\(seed)\" \u{1F3AC} --> a.mp4", isPicture: false,
      size: Size(width: 320, height: 180),
      duration: Double(lastFrame) / rate.value, frameRate: rate, pipeline: "sha256:ab",
      models: [model, "other@sha256:00"],
      tellsTracks: true)
    asset.labels = ["plain", "never seen"]
    var rows: [PredictionRow] = []
    for index in Array(0..<300) + (isLong ? Array(2_700_000..<2_700_300) : [])
    where Int.random(in: 0..<3, using: &random) > 0 {
      let stamp = FrameStamp(file: asset.name, index: index, pts: index * 1001, time: Double(index) / rate.value)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        rows.append(PredictionRow(Self.prediction(stamp.time, &random), stamp, model: model))
      }
    }
    (self.asset, self.rows) = (asset, rows)
  }

  private static func prediction(_ time: Double, _ random: inout SeededRandom) -> Prediction {
    let kinds: [ModelTask] = [
      .classification, .detection, .detection, .detection, .segmentation, .pose, .score, .embedding,
    ]
    var found = Prediction(
      kind: kinds.randomElement(using: &random) ?? .detection, label: labels.randomElement(using: &random))
    found.score =
      [nil, .nan, Float(Int.random(in: 0...100, using: &random)) / 100].randomElement(using: &random) ?? nil
    switch found.kind {
    case .detection:
      found.box = box(&random)
      found.track = Int.random(in: 0..<6, using: &random)
      if Int.random(in: 0..<8, using: &random) == 0 {
        found.span = max(0, time - Double(Int.random(in: 0...2, using: &random)))...time
      }
    case .segmentation: found.mask = mask(&random)
    case .pose:
      found.points = ["nose", "hand", "foot"].map { name in
        let place = Bool.random(using: &random) ? Double.random(in: 0...1, using: &random) : .nan
        return Keypoint(name: name, x: place, y: place * 0.5, score: 0.5)
      }
    case .embedding: found.vector = [0.5, .nan]
    case .classification, .saliency, .score, .text, .tensor, .shotBoundary, .anomaly: break
    }
    return found
  }

  /// Some leave the picture, and some have no width.
  private static func box(_ random: inout SeededRandom) -> Rect {
    let side = { (random: inout SeededRandom) in Double(Int.random(in: -200...1200, using: &random)) / 1000 }
    return Rect(x: side(&random), y: side(&random), width: max(0, side(&random)), height: max(0, side(&random)))
  }

  private static func mask(_ random: inout SeededRandom) -> Mask {
    let size = Size(width: .random(in: 1...40, using: &random), height: .random(in: 1...40, using: &random))
    var (counts, left) = ([Int](), size.area)
    while left > 0 {
      counts.append(Int.random(in: 0...left, using: &random))
      left -= counts.last ?? 0
    }
    return Mask(size: size, counts: counts, share: 0.5)
  }
}
