internal import Items

/// What a node is to run: versions of models under aliases, pipelines, a program; written once and signed.
///
/// What a bundle does not name stays on the node as it is. Everything with bytes of its own is named by their SHA-256.
public struct Bundle: Sendable, Hashable {
  /// Bytes by their SHA-256, 64 hexadecimal digits in lower case.
  public struct Blob: Sendable, Hashable {
    public let sha256: String
    public let byteCount: Int

    public init(_ sha256: String, byteCount: Int) { (self.sha256, self.byteCount) = (sha256, byteCount) }
  }

  /// A file of a model; `path` is relative to the version's folder, never upwards.
  public struct File: Sendable, Hashable {
    public let path: String
    public let blob: Blob

    public init(_ path: String, _ blob: Blob) { (self.path, self.blob) = (path, blob) }
  }

  /// Inputs that were recorded of a version at the centre, with what it answered: the node's has to answer so too.
  public struct Examples: Sendable, Hashable {
    public let inputs: Blob
    public let answers: Blob
    public let count: Int
    /// What computed the answers.
    public let computation: String

    public init(inputs: Blob, answers: Blob, count: Int, computation: String) {
      (self.inputs, self.answers, self.count, self.computation) = (inputs, answers, count, computation)
    }
  }

  /// A version of a model, and the alias that is to point to it.
  public struct Model: Sendable, Hashable {
    public let name: String
    public let alias: String
    /// `sha256:` and 64 digits, as the registry has it.
    public let digest: String
    public let task: String
    /// Its `model.yaml`.
    public let manifest: Blob
    public let files: [File]
    public let examples: [Examples]

    public init(
      name: String, alias: String, digest: String, task: String, manifest: Blob, files: [File], examples: [Examples]
    ) {
      (self.name, self.alias, self.digest, self.task) = (name, alias, digest, task)
      (self.manifest, self.files, self.examples) = (manifest, files, examples)
    }
  }

  public struct Pipeline: Sendable, Hashable {
    public let name: String
    /// The document, YAML.
    public let text: String

    public init(_ name: String, _ text: String) { (self.name, self.text) = (name, text) }
  }

  /// A `ridley` for nodes of one kind of machine.
  public struct Program: Sendable, Hashable {
    public let version: String
    /// As ELF names it: `x86_64`, `aarch64`.
    public let architecture: String
    /// The schema of libraries that it writes.
    public let schema: Int
    public let blob: Blob

    public init(version: String, architecture: String, schema: Int, blob: Blob) {
      (self.version, self.architecture, self.schema, self.blob) = (version, architecture, schema, blob)
    }
  }

  /// When a node takes the bundle for good, and when it goes back.
  public struct Health: Sendable, Hashable {
    /// Seconds for which everything has to be well without a break.
    public let seconds: Int
    /// Seconds after which a node that was not well for so long goes back.
    public let patience: Int

    public init(seconds: Int = 60, patience: Int = 600) { (self.seconds, self.patience) = (seconds, patience) }
  }

  /// The centre that it is of, as its nodes know it: SHA-256 of the key of its door, as hexadecimal digits.
  public let centre: String
  /// Rises with every bundle of a centre.
  public let version: Int
  /// Milliseconds since 1970; for people, and never compared.
  public let issued: Int
  /// Which nodes it is for, as it was signed.
  ///
  /// What is for one node no other takes; which nodes are in a group is the centre's to say.
  public let target: UpdateTarget
  /// By name and alias.
  public let models: [Model]
  /// By name; `nil` leaves those of the node, and none takes all away.
  public let pipelines: [Pipeline]?
  public let program: Program?
  public let health: Health

  public init(
    centre: String, version: Int, issued: Int, target: UpdateTarget = .fleet, models: [Model] = [],
    pipelines: [Pipeline]? = nil,
    program: Program? = nil, health: Health = Health()
  ) {
    (self.centre, self.version, self.issued, self.target) = (centre, version, issued, target)
    self.models = models.sorted { Self.isBefore([$0.name, $0.alias], [$1.name, $1.alias]) }
    self.pipelines = pipelines?.sorted { Self.isBefore([$0.name], [$1.name]) }
    (self.program, self.health) = (program, health)
  }

  static func isBefore(_ a: [String], _ b: [String]) -> Bool {
    for (a, b) in zip(a, b) where !a.hasSameBytes(as: b) { return a.utf8.lexicographicallyPrecedes(b.utf8) }
    return false
  }

  /// All that has bytes of its own, each once.
  public var blobs: [Blob] {
    var known: Set<String> = []
    let all = models.flatMap { model in
      [model.manifest] + model.files.map(\.blob) + model.examples.flatMap { [$0.inputs, $0.answers] }
    }
    return (all + [program?.blob].compactMap(\.self)).filter { known.insert($0.sha256).inserted }
  }

  /// The same with what of it is among these parts alone.
  public func part(of parts: Set<String>) -> Bundle {
    Bundle(
      centre: centre, version: version, issued: issued, target: target,
      models: models.filter { parts.contains($0.part) },
      pipelines: parts.contains(Self.pipelinesPart) ? pipelines : nil,
      program: program.flatMap { parts.contains($0.part) ? $0 : nil }, health: health)
  }

  private static let pipelinesPart = "pipelines"

  /// What it decides on a node: `model NAME ALIAS`, `pipelines`, `program ARCHITECTURE`.
  public var parts: Set<String> {
    Set(models.map(\.part) + (pipelines == nil ? [] : [Self.pipelinesPart]) + (program.map { [$0.part] } ?? []))
  }
}

extension Bundle.Model {
  fileprivate var part: String { "model \(name) \(alias)" }
}

extension Bundle.Program {
  fileprivate var part: String { "program \(architecture)" }
}
