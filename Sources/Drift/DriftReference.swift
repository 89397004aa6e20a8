/// What windows of time are compared with: what was seen while it was learnt.
public struct DriftReference: Sendable, Hashable {
  /// By the hour of the day, or one for all.
  private(set) var slots: [DriftSketch]
  /// Windows that each is made of.
  private(set) var counts: [Int]
  /// How far windows of the reference are from the rest of it; of measures of which enough windows had enough.
  let unrest: [DriftMeasure: Unrest]
  /// Seconds since 1970.
  public let from: Double
  public let to: Double

  struct Block: Sendable, Hashable {
    /// When the window began, in seconds since 1970.
    var from: Double
    var sketch: DriftSketch
  }

  /// The indexes of the reference's own windows.
  public struct Unrest: Sendable, Hashable {
    /// Of half of them.
    public let usual: Double
    /// That so many of them reached as it takes to conclude something.
    public let most: Double
  }

  init(slots: [DriftSketch], counts: [Int], unrest: [DriftMeasure: Unrest], from: Double, to: Double) {
    (self.slots, self.counts, self.unrest, self.from, self.to) = (slots, counts, unrest, from, to)
  }

  init(_ blocks: [Block], _ measures: [DriftMeasure], _ settings: DriftSettings) {
    let count = settings.isDaily ? 24 : 1
    var slots = [DriftSketch](repeating: DriftSketch(), count: count)
    var counts = [Int](repeating: 0, count: count)
    for block in blocks {
      slots[Self.slot(block.from, of: count)].add(block.sketch)
      counts[Self.slot(block.from, of: count)] += 1
    }
    (self.slots, self.counts) = (slots, counts)
    (from, to) = (blocks.first?.from ?? 0, (blocks.last?.from ?? 0) + settings.window)
    unrest = Self.unrest(blocks, slots, measures, settings)
  }

  private static func slot(_ moment: Double, of count: Int) -> Int {
    count == 1 ? 0 : Int(max(0, moment) / 3600) % 24
  }

  private static func around(_ moment: Double, _ slots: [DriftSketch]) -> DriftSketch {
    let slot = slot(moment, of: slots.count)
    guard slots.count > 1 else { return slots[0] }
    var sketch = slots[slot]
    sketch.add(slots[(slot + 23) % 24])
    sketch.add(slots[(slot + 1) % 24])
    return sketch
  }

  /// What a window that began then is compared with: its hour of the day, and those beside it.
  func around(_ moment: Double) -> DriftSketch { Self.around(moment, slots) }

  /// A window of an hour that was not seen while it was learnt belongs to the reference, until that has a whole hour of it; whether it was taken.
  mutating func take(_ block: Block, _ settings: DriftSettings) -> Bool {
    let slot = Self.slot(block.from, of: slots.count)
    guard slots.count > 1, Double(counts[slot]) * settings.window < 3600 else { return false }
    slots[slot].add(block.sketch)
    counts[slot] += 1
    return true
  }

  /// Each window is compared with the others.
  private static func unrest(
    _ blocks: [Block], _ slots: [DriftSketch], _ measures: [DriftMeasure], _ settings: DriftSettings
  ) -> [DriftMeasure: Unrest] {
    var indexes: [DriftMeasure: [Double]] = [:]
    for block in blocks {
      var others = around(block.from, slots)
      others.subtract(block.sketch)
      for measure in measures {
        guard let old = others.counts[measure], let new = block.sketch.counts[measure],
          min(old.total, new.total) >= settings.evidence
        else { continue }
        indexes[measure, default: []].append(StabilityIndex(old, new, measure).value)
      }
    }
    return indexes.filter { $0.value.count >= settings.windows }.mapValues { all in
      let sorted = all.sorted()
      return Unrest(usual: sorted[sorted.count / 2], most: sorted[max(0, sorted.count - settings.windows)])
    }
  }
}
