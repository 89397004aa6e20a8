public import Base

/// How a network is run on this machine: what tuning chooses among.
public struct Setting: Sendable, Hashable {
  public var precision: Precision
  /// Inferences at the same time.
  public var streams: Int
  /// Threads of all streams together.
  public var threads: Int
  /// Inputs in one inference, at most.
  public var batch: Int

  public init(precision: Precision, streams: Int, threads: Int, batch: Int) {
    (self.precision, self.streams, self.threads, self.batch) = (precision, streams, threads, batch)
  }

  /// What a network gets when nobody says anything and nothing was tuned.
  public static func automatic(_ precision: Precision, cores: Int = Processor.count) -> Setting {
    Setting(precision: precision, streams: CompileOptions.usualStreams(cores: cores), threads: cores, batch: 1)
  }

  public var isAutomatic: Bool { self == .automatic(precision) }

  /// `2 streams, 2 threads, batch 4`.
  public var text: String {
    "\(streams) stream\(streams == 1 ? "" : "s"), \(threads) thread\(threads == 1 ? "" : "s"), batch \(batch)"
  }

  /// What is worth trying, the automatic choice first, then what is likeliest to win.
  ///
  /// Streams double up to the cores; threads are all cores, without batches also half of them; batches double up to 8.
  public static func candidates(
    _ precisions: [Precision], cores: Int = Processor.count
  ) -> [Setting] {
    var streams = [1]
    while streams.last! * 2 <= min(cores, 16) { streams.append(streams.last! * 2) }
    let usual = CompileOptions.usualStreams(cores: cores)
    if !streams.contains(usual) { streams.append(usual) }
    var found = precisions.map { automatic($0, cores: cores) }
    for batch in [1, 2, 4, 8] {
      for precision in precisions {
        for count in streams.reversed() {
          for threads in batch == 1 ? [cores, max(1, cores / 2)] : [cores] where threads >= count {
            let setting = Setting(precision: precision, streams: count, threads: threads, batch: batch)
            if !found.contains(setting) { found.append(setting) }
          }
        }
      }
    }
    return found
  }
}
