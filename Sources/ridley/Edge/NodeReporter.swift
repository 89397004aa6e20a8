import Base
import Catalog
import Crypto
import Edge
import Fleet
import Library
import Serving
import Streams

/// What a node says of itself with each beat, part by part.
///
/// Called by the agent's thread alone, but for what it reads, which any thread may change.
final class NodeReporter: Sendable {
  private struct Seen {
    /// Answers of each stream, by its client and name, at the last report, and when that was, in monotonic nanoseconds.
    var delivered: [[String]: Int] = [:]
    var at: UInt64?
    /// Pipelines as they were read last, and when.
    var pipelines: (at: UInt64, all: [NodeReport.Pipeline])?
  }

  private let models: ModelRepository
  private let streams: StreamDesk
  private let library: String
  private let profile: String?
  private let reserve: Int
  private let clock: NodeClock
  private let began: Int
  private let starts: Int?
  private let seen = Monitor(Seen())

  /// `library` is the path of the node's library; `folder` the part of it about its centre, where starts are counted; the disk is
  /// short below `reserve` bytes.
  init(
    _ models: ModelRepository, _ streams: StreamDesk, library: String, folder: NodeFolder, clock: NodeClock,
    profile: String?, reserve: Int
  ) {
    (self.models, self.streams, self.library) = (models, streams, library)
    (self.profile, self.reserve) = (profile, reserve)
    (self.clock, began) = (clock, clock.moment.monotonic)
    starts = Self.count(in: "\(folder.path)/starts")
  }

  /// The parts, in the order in which they are said.
  var parts: [any NodePart] {
    [
      Part("node", { [self] in NodeReport.node(machine()) }),
      Part("models", { [self] in NodeReport.models(listed(), pipelines()) }),
      Part("streams", { [self] in NodeReport.streams(watched()) }),
      Part("errors", { NodeReport.errors(Self.troubles()) }),
    ]
  }

  private struct Part: NodePart {
    let name: String
    let said: @Sendable () -> [UInt8]

    init(_ name: String, _ said: @escaping @Sendable () -> [UInt8]) { (self.name, self.said) = (name, said) }

    func report() -> [UInt8]? { said() }
  }

  /// One more start than the file says, which is left where it cannot be written.
  private static func count(in file: String) -> Int? {
    let known = (try? FileSystem.read(file, limit: 64)).flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    guard (try? FileSystem.write(Array(String(known + 1).utf8), to: file, isDurable: true)) != nil else { return nil }
    return known + 1
  }

  private func machine() -> NodeReport.Machine {
    let moment = clock.moment
    var machine = NodeReport.Machine(
      version: Version.text, architecture: Self.architecture, cores: Processor.count, figures: .now, now: moment.wall,
      began: moment.wall - (moment.monotonic - began))
    (machine.profile, machine.starts) = (profile, starts)
    machine.ownBytes = ProcessFigures.now.residentBytes
    machine.freeBytes = try? FileSystem.freeByteCount(in: library)
    machine.diskBytes = try? FileSystem.wholeByteCount(in: library)
    machine.reserveBytes = reserve
    machine.clockOffset = clock.skew.map { -$0 }
    return machine
  }

  private static var architecture: String {
    #if arch(arm64)
      "aarch64"
    #else
      "x86_64"
    #endif
  }

  /// Those that somebody means to use: of a catalogue's, whose files are not here, nobody asks.
  private func listed() -> [NodeReport.Model] {
    models.list().flatMap { entry in
      entry.versions.compactMap { version, state in
        switch state {
        case .unavailable(let fault) where LoadReport.isNotHere(fault): nil
        case .loading: NodeReport.Model(entry.model, version: version, state: "loading")
        case .ready(let served): Self.ready(served)
        case .unavailable(let fault):
          NodeReport.Model(entry.model, version: version, state: "unavailable", reason: fault.message)
        }
      }
    }
  }

  private static func ready(_ served: ServedVersion) -> NodeReport.Model {
    var model = NodeReport.Model(served.model, version: served.version, state: "ready", digest: served.digest)
    model.inferenceSeconds = served.inferenceSeconds
    return model
  }

  /// Those of the folder, read anew once a minute.
  private func pipelines() -> [NodeReport.Pipeline] {
    let now = Clock.now
    if let known = seen.update({ $0.pipelines }), now - known.at < 60_000_000_000 { return known.all }
    let folder = models.pipelineFolder
    let names = folder.flatMap { try? FileSystem.list($0) }?.filter { $0.hasSuffix(".yaml") } ?? []
    let all = names.sorted().prefix(100).compactMap { name -> NodeReport.Pipeline? in
      guard let folder, let bytes = try? FileSystem.read("\(folder)/\(name)", limit: 1 << 20) else { return nil }
      return NodeReport.Pipeline(String(name.dropLast(5)), digest: "sha256:\(SHA256.hex(of: bytes))")
    }
    seen.update { $0.pipelines = (now, all) }
    return all
  }

  private func watched() -> [NodeReport.Stream] {
    let (views, now) = (streams.list(scope: .all), Clock.now)
    return seen.update { seen in
      let seconds = seen.at.map { Double(now - $0) / 1e9 }
      let said = views.map { view in
        let figures = view.figures
        var stream = NodeReport.Stream(
          view.name, state: figures.state.rawValue, reason: figures.reason, received: figures.received,
          delivered: figures.delivered)
        // A stream that was begun anew counts from nothing.
        if let seconds, seconds > 0, let before = seen.delivered[[view.client, view.name]], figures.delivered >= before
        {
          stream.rate = Double(figures.delivered - before) / seconds
        }
        return stream
      }
      seen.at = now
      seen.delivered = Dictionary(views.map { ([$0.client, $0.name], $0.figures.delivered) }) { first, _ in first }
      return said
    }
  }

  private static func troubles() -> [NodeReport.Trouble] {
    Terminal.lines(10, faultsOnly: true).map { NodeReport.Trouble(at: $0.at, $0.text) }
  }
}

extension LogRing.Line {
  /// As it is sent: `2026-11-30T12:00:00Z the text`.
  var shown: String { "\(UTC.text(at / 1000)) \(text)" }
}
