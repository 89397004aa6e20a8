public import Base

/// Who computes a network, and in what numbers: settings that differ in it answer differently.
public struct Computation: Sendable, Hashable {
  public var engine: EngineChoice
  public var precision: Precision

  public init(_ precision: Precision, by engine: EngineChoice = .auto) {
    (self.precision, self.engine) = (precision, engine)
  }

  /// As `--engine` and `--precision` have it: `onnxruntime f32`.
  public var text: String { "\(engine.rawValue) \(precision.rawValue)" }
}

/// How a network is run on this machine: what tuning chooses among.
public struct Setting: Sendable, Hashable {
  public var computation: Computation
  /// Inferences at the same time.
  public var streams: Int
  /// Threads of all streams together.
  public var threads: Int
  /// Inputs in one inference, at most.
  public var batch: Int

  public init(_ computation: Computation, streams: Int, threads: Int, batch: Int) {
    (self.computation, self.streams, self.threads, self.batch) = (computation, streams, threads, batch)
  }

  /// What a network gets when nobody says anything and nothing was tuned.
  public static func automatic(_ computation: Computation, cores: Int = Processor.count) -> Setting {
    Setting(computation, streams: CompileOptions.usualStreams(cores: cores), threads: cores, batch: 1)
  }

  public var isAutomatic: Bool { self == .automatic(computation) }

  /// `2 streams, 2 threads, batch 4`.
  public var text: String {
    "\(streams) stream\(streams == 1 ? "" : "s"), \(threads) thread\(threads == 1 ? "" : "s"), batch \(batch)"
  }

  /// What is worth trying, the automatic choice first, then what is likeliest to win.
  ///
  /// Streams double up to the cores; threads are all cores, without batches also half of them; batches double up to 8.
  public static func candidates(
    _ computations: [Computation], cores: Int = Processor.count
  ) -> [Setting] {
    var streams = [1]
    while streams.last! * 2 <= min(cores, 16) { streams.append(streams.last! * 2) }
    let usual = CompileOptions.usualStreams(cores: cores)
    if !streams.contains(usual) { streams.append(usual) }
    var found = computations.map { automatic($0, cores: cores) }
    for batch in [1, 2, 4, 8] {
      for computation in computations {
        for count in streams.reversed() {
          for threads in batch == 1 ? [cores, max(1, cores / 2)] : [cores] where threads >= count {
            let setting = Setting(computation, streams: count, threads: threads, batch: batch)
            if !found.contains(setting) { found.append(setting) }
          }
        }
      }
    }
    return found
  }
}
