/// What was measured of a network on this machine, and what follows from it.
public struct TuningTable: Sendable {
  public struct Row: Sendable, Hashable {
    public let setting: Setting
    /// Inferences a second, with every stream busy and the next inputs waiting.
    public let throughput: Double
    /// Milliseconds from an input to its answer, with every stream busy and nothing waiting: half are quicker.
    public let median: Double
    /// The same: 95 of 100 are quicker.
    public let tail: Double
    /// Milliseconds of processor time for an inference.
    public let processor: Double
  }

  private var measurements: [(setting: Setting, measurements: [LoadMeasurement])] = []

  public init() {}

  public mutating func add(_ measurement: LoadMeasurement, of setting: Setting) {
    if let index = measurements.firstIndex(where: { $0.setting == setting }) {
      measurements[index].measurements.append(measurement)
    } else {
      measurements.append((setting, [measurement]))
    }
  }

  /// One row a setting, in the order in which they were first measured.
  ///
  /// What else runs on a machine only ever slows a measurement, so the good ones count; of several the second best does, so that
  /// one lucky moment decides nothing.
  public var rows: [Row] {
    measurements.map { setting, measurements in
      Row(
        setting: setting, throughput: Self.second(measurements.map(\.throughput).sorted(by: >)),
        median: Self.second(measurements.map(\.median).sorted()), tail: Self.second(measurements.map(\.tail).sorted()),
        processor: Self.second(measurements.map(\.processor).sorted()))
    }
  }

  private static func second(_ ordered: [Double]) -> Double { ordered[min(1, ordered.count - 1)] }

  /// Rows that no other of the same computation beats in both throughput and median latency.
  public var frontier: Set<Setting> {
    let rows = rows
    let kept = rows.filter { row in
      !rows.contains { other in
        other.setting.computation == row.setting.computation && other.throughput >= row.throughput
          && other.median <= row.median && (other.throughput > row.throughput || other.median < row.median)
      }
    }
    return Set(kept.map(\.setting))
  }

  /// Settings this close are the same to a stopwatch; then what costs less decides.
  private static let tie = 0.03

  /// The most inferences a second; among equals the lowest latency.
  ///
  /// The automatic setting stays unless another gives at least a twentieth more: less is not worth a change.
  public func fastest(
    _ computation: Computation, automatic: Setting? = nil
  ) -> Row? {
    let rows = rows.filter { $0.setting.computation == computation }
    guard let best = rows.map(\.throughput).max() else { return nil }
    if let kept = rows.first(where: { $0.setting == automatic }), best < kept.throughput * 1.05 { return kept }
    return rows.filter { $0.throughput >= best * (1 - Self.tie) }.min { $0.median < $1.median }
  }

  /// The lowest latency; among equals the most inferences a second.
  public func quickest(_ computation: Computation) -> Row? {
    let rows = rows.filter { $0.setting.computation == computation }
    guard let best = rows.map(\.median).min() else { return nil }
    return rows.filter { $0.median <= best * (1 + Self.tie) }.max { $0.throughput < $1.throughput }
  }

  /// Settings that may still win: within a fifth of their computation's best in throughput or latency.
  public var contenders: Set<Setting> {
    let rows = rows
    let kept = rows.filter { row in
      let rivals = rows.filter { $0.setting.computation == row.setting.computation }
      return row.throughput >= 0.8 * rivals.map(\.throughput).max()! || row.median <= 1.25 * rivals.map(\.median).min()!
    }
    return Set(kept.map(\.setting))
  }
}
