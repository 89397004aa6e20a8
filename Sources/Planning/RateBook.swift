internal import Base

/// How an estimate knows what it says.
public enum Confidence: Int, Sendable, Hashable, CaseIterable, Comparable {
  /// Before anything was measured: a guess from other machines.
  case assumed
  /// From another picture size, another network or another kind of machine.
  case derived
  /// By tasks on machines of this kind.
  case measured

  public static func < (a: Confidence, b: Confidence) -> Bool { a.rawValue < b.rawValue }

  public var words: String {
    switch self {
    case .measured: "measured here"
    case .derived: "from others"
    case .assumed: "assumed"
    }
  }
}

/// A number, and how it is known.
struct Known: Sendable, Hashable {
  var value: Double
  var confidence: Confidence
}

/// Looks a rate up: as measured on this kind of machine, else from what is like it, else as assumed.
struct RateBook: Sendable {
  let rates: Rates
  /// Of other kinds of machines.
  let others: [Rates]

  func rate(_ key: RateKey) -> Known {
    if let rate = rates[key] { return Known(value: rate.mean, confidence: .measured) }
    for place in [rates] + others {
      if let value = place[key]?.mean ?? near(key, place) { return Known(value: value, confidence: .derived) }
    }
    return Known(value: Self.assumed(key), confidence: .assumed)
  }

  /// From another size, in proportion to the pixels; for a network, the middle of all that were measured.
  private func near(_ key: RateKey, _ rates: Rates) -> Double? {
    switch key {
    case .decode(let codec, let size):
      return scaled(to: size, rates) { if case .decode(codec, let other) = $0 { other } else { nil } }
    case .gate(let size): return scaled(to: size, rates) { if case .gate(let other) = $0 { other } else { nil } }
    case .prepare(let size): return scaled(to: size, rates) { if case .prepare(let other) = $0 { other } else { nil } }
    case .memory(let pipeline, let size):
      // Networks take their part whatever the picture's size, so a smaller one is not known to need less.
      let like = nearest(size, rates) { if case .memory(pipeline, let other) = $0 { other } else { nil } }
      return like.map { $0.mean * max(1, $0.ratio) }
    case .infer: return middle(rates) { if case .infer = $0 { true } else { false } }
    case .load: return middle(rates) { if case .load = $0 { true } else { false } }
    case .frame: return middle(rates) { if case .frame = $0 { true } else { false } }
    case .pass, .task, .item, .passing, .crops, .decoded: return nil
    }
  }

  private func scaled(to size: Size, _ rates: Rates, _ of: (RateKey) -> Size?) -> Double? {
    nearest(size, rates, of).map { $0.mean * $0.ratio }
  }

  /// The rate whose size is the least times larger or smaller, and how many times the pixels `size` has.
  private func nearest(_ size: Size, _ rates: Rates, _ of: (RateKey) -> Size?) -> (mean: Double, ratio: Double)? {
    let like = rates.known.compactMap { key, rate in
      of(key).map { (size: $0, mean: rate.mean, ratio: Double(size.area) / Double($0.area)) }
    }
    let best = like.min { a, b in
      (max(a.ratio, 1 / a.ratio), a.size.width, a.size.height) < (
        max(b.ratio, 1 / b.ratio), b.size.width, b.size.height
      )
    }
    return best.map { ($0.mean, $0.ratio) }
  }

  private func middle(_ rates: Rates, _ isLike: (RateKey) -> Bool) -> Double? {
    let means = rates.known.filter { isLike($0.key) }.map(\.value.mean).sorted()
    return means.isEmpty ? nil : means[means.count / 2]
  }

  /// One core of a server of 2023; `docs/costs.md` says how these were found.
  private static func assumed(_ key: RateKey) -> Double {
    switch key {
    case .decode(let codec, let size): secondsAPixel(codec) * Double(size.area)
    case .pass: 4e-6
    case .gate(let size): 1.5e-4 + 1e-10 * Double(size.area)
    case .prepare(let size): 3e-4 + 4e-10 * Double(size.area)
    case .frame: 2e-4
    case .infer: 0.05
    case .load: 0.5
    case .task: 0.1
    case .item: 0.1
    case .passing, .crops, .decoded: 1
    case .memory(_, let size): 2e8 + 40 * Double(size.area)
    }
  }

  private static func secondsAPixel(_ codec: String) -> Double {
    switch codec {
    case "h264": 2.5e-9
    case "hevc", "vp9": 3.5e-9
    case "av1": 5e-9
    case "mjpeg", "prores", "png": 6e-9
    default: 3e-9
    }
  }
}
