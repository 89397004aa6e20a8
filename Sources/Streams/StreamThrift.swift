internal import Base
internal import Execution
internal import Media
internal import MediaProcess

/// How much of a stream is decoded: what is looked at, and where the machine is too small for that, less.
///
/// A value; it looks at figures every few seconds, and goes one step at a time.
struct StreamThrift {
  private enum Level: Int { case all, referenced, keys }

  private let sampling: Sampling?
  private var level = Level.all
  private var before: (figures: StreamFigures, at: UInt64)?
  /// Until when key frames alone are decoded.
  private var rests: UInt64 = 0

  private static let (interval, rest) = (UInt64(3_000_000_000), UInt64(60_000_000_000))

  /// `sampling` says which pictures are looked at; `nil` where none is.
  init(_ sampling: Sampling?) { self.sampling = sampling }

  var order: LiveThrift {
    switch sampling {
    // Where nobody looks, what stands alone is enough for stills.
    case nil, .keyFrames: .keysOnly
    case .every(let seconds): level == .keys ? .keysOnly : .every(seconds: seconds)
    case .fps(let rate): level == .keys ? .keysOnly : .every(seconds: 1 / rate)
    case .all: [.none, .unreferenced, .keysOnly][level.rawValue]
    }
  }

  var told: StreamFigures.Thrift {
    switch order {
    case .none: .none
    case .unreferenced: .unreferenced
    case .keysOnly: .keys
    case .every: .unwanted
    }
  }

  /// Whether the order is another one now.
  mutating func look(_ figures: StreamFigures, now: UInt64) -> Bool {
    guard let last = before, figures.received >= last.figures.received, now >= last.at else {
      before = (figures, now)
      return false
    }
    guard now - last.at > Self.interval else { return false }
    before = (figures, now)
    let old = order
    level = next(
      came: figures.received - last.figures.received, keys: figures.keys - last.figures.keys,
      looked: figures.looked - last.figures.looked,
      replaced: (figures.drops[.replaced] ?? 0) - (last.figures.drops[.replaced] ?? 0), now)
    return order != old
  }

  /// What is decoded and not looked at is work for nothing; where hardly any is, there is room for more.
  private mutating func next(came: Int, keys: Int, looked: Int, replaced: Int, _ now: UInt64) -> Level {
    switch level {
    case .all: return replaced > came / 2 ? .referenced : .all
    case .referenced:
      guard replaced > came / 2, keys > 0, looked <= keys else { return replaced * 10 < looked ? .all : .referenced }
      rests = now + Self.rest
      return .keys
    // Whether more could be looked at shows only where there is more.
    case .keys: return now > rests ? .referenced : .keys
    }
  }
}

extension LiveStream.Settings {
  /// Which pictures are looked at: as the pipeline says, and no more of them than are wanted.
  func sampling(_ pipeline: LoadedPipeline) -> Sampling {
    guard let rate else { return pipeline.sampling }
    switch pipeline.sampling {
    case .keyFrames: return .keyFrames
    case .every(let seconds): return .every(seconds: max(seconds, 1 / rate))
    case .fps(let own): return .fps(min(own, rate))
    case .all: return .fps(rate)
    }
  }
}
