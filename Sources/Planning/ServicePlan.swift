internal import Base

/// What a server, or a run over files, takes of the memory, the disk and the cores of a profile, part by part, before anything starts.
///
/// Bytes are those that a control group counts and cannot take back: libraries and other files of which the system may drop what is kept of them are
/// not in it. What is not measured on the machine is expected by constants, which `bench/edge` measures (`docs/edge.md`, Small machines).
public struct ServicePlan: Sendable, Hashable {
  /// A network that is to run.
  public struct Model: Sendable, Hashable {
    /// As messages name it: `yolox-nano/1`.
    public var name: String
    /// While it can answer, and at the most while it is loaded.
    public var (bytes, loadingBytes): (Int, Int)
    /// CPU seconds of one inference; `nil` where that is not known.
    public var seconds: Double?
    /// It was tried on this machine, and measured.
    public var isMeasured: Bool
    /// Of its files.
    public var fileBytes: Int
    /// A live stream keeps it in memory; others leave while they are not asked.
    public var isHeld = false
    /// Models that answer the same and take less, as far as they are known.
    public var lighter: [Lighter] = []

    public init(
      _ name: String, bytes: Int, loadingBytes: Int, seconds: Double?, isMeasured: Bool, fileBytes: Int
    ) {
      (self.name, self.bytes, self.loadingBytes, self.seconds) = (name, bytes, loadingBytes, seconds)
      (self.isMeasured, self.fileBytes) = (isMeasured, fileBytes)
    }
  }

  /// What may stand in a model's place.
  public struct Lighter: Sendable, Hashable {
    public var name: String
    /// As those of ``Model``.
    public var (bytes, loadingBytes): (Int, Int)

    public init(_ name: String, bytes: Int, loadingBytes: Int) {
      (self.name, self.bytes, self.loadingBytes) = (name, bytes, loadingBytes)
    }
  }

  /// A live stream.
  public struct Stream: Sendable, Hashable {
    public var name: String
    /// What it asks, as ``Model/name``.
    public var models: [String] = []
    /// Answers a second that are wanted; `nil` where it takes as many as there is time for.
    public var rate: Double?
    /// Processes that read its addresses: two where people are shown another one than networks.
    public var sources = 1
    public var isRecorded = false

    public init(_ name: String) { self.name = name }
  }

  /// What is planned for.
  public enum Work: Sendable, Hashable {
    case server
    /// Files are analysed one after the other.
    case files
  }

  public let profile: TaskProfile
  public var work: Work
  public var models: [Model]
  public var streams: [Stream] = []
  /// Workers for jobs.
  public var workers = 0
  /// Bytes that all models together may take; `nil` where that was not said.
  public var memory: Int?
  /// Bytes that recordings may take of the disk; `nil` where that was not said.
  public var recordings: Int?

  public init(_ profile: TaskProfile, _ work: Work, _ models: [Model]) {
    (self.profile, self.work, self.models) = (profile, work, models)
  }
}

extension ServicePlan {
  /// One line of what is needed.
  public struct Part: Sendable, Hashable {
    public let what: String
    public let bytes: Int
  }

  // Measured by `bench/edge` with anonymous memory of each process, rounded up (docs/edge.md, Small machines).
  static let serverBytes = 56 << 20
  /// With the pictures of a film of up to 1920x1080.
  static let runBytes = 80 << 20
  /// A process that reads a camera of up to 1920x1080.
  static let sourceBytes = 64 << 20
  /// A worker for jobs without its networks.
  static let workerBytes = 64 << 20
  /// Packets of a stream that are kept, for viewers and for recordings each: at the least, and where there is room.
  static let (leastRing, mostRing) = (2 << 20, 48 << 20)
  /// CPU seconds a second that the pictures of a stream take to be decoded.
  static let decodeSeconds = 0.12
  /// Of the cores so much is planned with: the rest is for answers, the library, and what comes at the same time.
  static let plannedCores = 0.9

  /// Memory that is needed, without what is kept of packets.
  public var parts: [Part] {
    let own =
      switch work {
      case .server: Part(what: "the server", bytes: Self.serverBytes)
      case .files: Part(what: "the run with its pictures", bytes: Self.runBytes)
      }
    var parts = [own]
    for model in models where model.isHeld || work != .server {
      parts.append(Part(what: model.words, bytes: model.bytes))
    }
    // Those that no stream holds make room for each other.
    if work == .server, let most = models.filter({ !$0.isHeld }).max(by: { $0.bytes < $1.bytes }) {
      parts.append(Part(what: most.words, bytes: most.bytes))
    }
    if !streams.isEmpty {
      let sources = streams.reduce(0) { $0 + $1.sources }
      parts.append(Part(what: "\(sources) source\(sources == 1 ? "" : "s")", bytes: streamParts))
    }
    if workers > 0 {
      let network = models.map(\.bytes).max() ?? 0
      parts.append(
        Part(what: "\(workers) worker\(workers == 1 ? "" : "s")", bytes: workers * (Self.workerBytes + network)))
    }
    return parts
  }

  /// How many rings of packets there are.
  private var rings: Int { streams.reduce(0) { $0 + ($1.isRecorded ? 2 : 1) } }

  var neededBytes: Int { parts.reduce(rings * Self.leastRing) { $0 + $1.bytes } }

  /// Bytes of packets that each stream may keep, for viewers and for recordings each: of half of what is left.
  public var ringBytes: Int {
    guard let most = profile.memoryBytes, rings > 0 else { return Self.mostRing }
    let left = most - parts.reduce(0) { $0 + $1.bytes }
    return max(Self.leastRing, min(Self.mostRing, left / 2 / rings))
  }

  /// What nothing is planned for: streams that are added have one half of it, and models that take more than was thought, or come, the other.
  private var spareBytes: Int? {
    profile.memoryBytes.map { most in max(0, most - parts.reduce(rings * ringBytes) { $0 + $1.bytes }) }
  }

  /// How many streams there may be, further ones as those that are there are on average.
  public var mostStreams: Int? {
    spareBytes.map { spare in
      let all = streams.isEmpty ? Self.sourceBytes + ringBytes : streamParts + rings * ringBytes
      return streams.count + spare / 2 / (all / max(1, streams.count))
    }
  }

  private var streamParts: Int { streams.reduce(0) { $0 + $1.sources } * Self.sourceBytes }

  /// What all models together may take.
  public var modelBytes: Int? { spareBytes.map { min(memory ?? .max, modelParts { $0.bytes } + $0 / 2) } }

  /// What those that streams hold take together, and the largest of the others.
  func modelParts(_ bytes: (Model) -> Int) -> Int {
    let held = models.filter(\.isHeld).reduce(0) { $0 + bytes($1) }
    return held + (models.filter { !$0.isHeld }.map(bytes).max() ?? 0)
  }

  /// What a network may take while it is tried, in a process of its own, before anything else runs.
  public var trialBytes: Int? { profile.memoryBytes.map { $0 - parts[0].bytes } }

  /// Bytes of the disk that recordings may take: as is said, else half of it.
  public var recordingBytes: Int? { profile.diskBytes.map { recordings ?? $0 / 2 } }

  /// CPU seconds a second that are asked for, as far as that is known.
  public var wantedCores: Double {
    streams.reduce(0) { $0 + Self.decodeSeconds + ($1.rate ?? 0) * seconds(of: $1) }
  }

  func seconds(of stream: Stream) -> Double {
    stream.models.reduce(0) { sum, name in sum + (models.first { $0.name == name }?.seconds ?? 0) }
  }

  /// Answers a second that there is time for in all streams together; `nil` where nothing is known.
  public var answersASecond: Double? {
    let times = streams.map(seconds).filter { $0 > 0 }
    guard !times.isEmpty else { return nil }
    let time = times.reduce(0, +) / Double(times.count)
    return max(0, profile.cores * Self.plannedCores - Double(streams.count) * Self.decodeSeconds) / time
  }
}

extension ServicePlan.Model {
  var words: String { "\(name)\(isMeasured ? "" : " (expected by its files)")" }
}
