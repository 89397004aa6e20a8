/// How long each stage of the work on a frame took: one histogram a stage, in fixed memory.
public struct StageTimes: Sendable, Hashable {
  /// The way of a frame, in order; `total` is from the first to the last of them.
  public enum Stage: String, Sendable, Hashable, CaseIterable {
    case decode, prepare, wait, infer, total
  }

  private var histograms = [LogHistogram](repeating: LogHistogram(), count: Stage.allCases.count)

  public init() {}

  public mutating func add(_ stage: Stage, nanoseconds: Int) { histograms[stage.position].add(nanoseconds) }

  /// Adds what another thread or file measured.
  public mutating func merge(_ other: StageTimes) {
    for position in histograms.indices { histograms[position].merge(other.histograms[position]) }
  }

  /// All of it as numbers, to be made again of them.
  public var numbers: [Int] {
    histograms.flatMap { histogram in
      let numbers = histogram.numbers
      return [numbers.count] + numbers
    }
  }

  /// `nil` where the numbers are not those of times.
  public init?(numbers: [Int]) {
    var rest = numbers[...]
    for position in histograms.indices {
      guard let count = rest.popFirst(), (0...rest.count).contains(count) else { return nil }
      guard let histogram = LogHistogram(numbers: rest.prefix(count)) else { return nil }
      histograms[position] = histogram
      rest = rest.dropFirst(count)
    }
    guard rest.isEmpty else { return nil }
  }

  public subscript(stage: Stage) -> LogHistogram { histograms[stage.position] }
  /// Stages that were measured at all, in the order of the work.
  public var measured: [Stage] { Stage.allCases.filter { self[$0].count > 0 } }
}

extension StageTimes.Stage {
  fileprivate var position: Int {
    switch self {
    case .decode: 0
    case .prepare: 1
    case .wait: 2
    case .infer: 3
    case .total: 4
    }
  }
}
