public import Base
internal import Crypto
internal import JSON

/// A bundle's one text: members in a fixed order, lists in the order of their names, no space between.
///
/// Any other text of the same content is refused, so that what was signed is what was read.
extension Bundle {
  static let format = 1
  /// Bytes of a bundle's text.
  public static let mostBytes = 4 << 20
  /// Bytes of one blob.
  static let mostBlobBytes = 1 << 40
  static let seconds = 1...86_400

  private enum Key: String, CaseIterable {
    case format, centre, version, issued, target, models, pipelines, program, health
  }
  private enum ModelKey: String, CaseIterable { case name, alias, digest, task, manifest, files, examples }
  private enum FileKey: String, CaseIterable { case path, sha256, bytes }
  private enum BlobKey: String, CaseIterable { case sha256, bytes }
  private enum ExampleKey: String, CaseIterable { case inputs, answers, count, computation }
  private enum PipelineKey: String, CaseIterable { case name, text }
  private enum ProgramKey: String, CaseIterable { case version, architecture, schema, sha256, bytes }
  private enum HealthKey: String, CaseIterable { case seconds, patience }

  public var json: [UInt8] { JSONWriter.object(write) }

  public func write(into json: inout JSONWriter) {
    json.field("format", Self.format)
    json.field("centre", centre)
    json.field("version", version)
    json.field("issued", issued)
    // One that says none is for the fleet.
    if target != .fleet { json.field("target", target.text) }
    json.array("models") { json in for model in models { json.object { model.write(into: &$0) } } }
    if let pipelines {
      json.array("pipelines") { json in
        for pipeline in pipelines {
          json.object { json in
            json.field("name", pipeline.name)
            json.field("text", pipeline.text)
          }
        }
      }
    }
    if let program {
      json.object("program") { json in
        json.field("version", program.version)
        json.field("architecture", program.architecture)
        json.field("schema", program.schema)
        program.blob.write(into: &json)
      }
    }
    json.object("health") { json in
      json.field("seconds", health.seconds)
      json.field("patience", health.patience)
    }
  }

  /// Reads what ``json`` wrote.
  public init(_ bytes: [UInt8], name: String) throws(Fault) {
    guard bytes.count <= Self.mostBytes else {
      throw Fault(.tooLarge, "\(name) has \(bytes.count) bytes, and a bundle has \(Self.mostBytes) at most")
    }
    let document = try JSONDocument(parsing: bytes.span.bytes, name: name)
    self = try Bundle(document.root)
    guard json == bytes else {
      throw Fault(.badInput, "\(name) is not written as bundles are: something in it is out of order, or stands twice")
    }
  }

  private init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    _ = try fields.required(.format).integer(in: Self.format...Self.format)
    var models: [Model] = []
    for one in try fields.required(.models).elements() {
      let model = try Self.model(one)
      guard models.last.map({ Self.isBefore([$0.name, $0.alias], [model.name, model.alias]) }) ?? true else {
        throw one.fault("models stand in the order of their names and aliases, each once")
      }
      models.append(model)
    }
    let target = try fields[.target].map { (word) throws(Fault) in
      guard let target = UpdateTarget(try word.string()) else { throw word.fault("this is no target of an update") }
      return target
    }
    self.init(
      centre: try fields.required(.centre).string(),
      version: try fields.required(.version).integer(in: 1...Int(1e15)),
      issued: try fields.required(.issued).integer(in: 0...Int(1e15)), target: target ?? .fleet, models: models,
      pipelines: try fields[.pipelines].map { (list) throws(Fault) in try Self.pipelines(list) },
      program: try fields[.program].map { (value) throws(Fault) in try Self.program(value) },
      health: try Self.health(try fields.required(.health)))
  }

  private static func model(_ value: JSONValue) throws(Fault) -> Model {
    let fields = try value.fields(ModelKey.self)
    let (name, alias) = (try fields.required(.name), try fields.required(.alias))
    for word in [name, alias] where !PlainName.isValid(try word.string()) {
      throw word.fault("this is no name: 1 to 64 letters, digits, '-', '_' and '.'")
    }
    var (files, examples) = ([File](), [Examples]())
    for one in try fields.required(.files).elements() {
      let file = try one.fields(FileKey.self)
      let path = try file.required(.path)
      guard Self.isInside(try path.string()) else { throw path.fault("this path leads out of the model's folder") }
      files.append(File(try path.string(), try blob(try file.required(.sha256), try file.required(.bytes))))
    }
    for one in try fields.required(.examples).elements() {
      let set = try one.fields(ExampleKey.self)
      examples.append(
        Examples(
          inputs: try blob(try set.required(.inputs)), answers: try blob(try set.required(.answers)),
          count: try set.required(.count).integer(in: 1...100_000),
          computation: try set.required(.computation).string()))
    }
    return Model(
      name: try name.string(), alias: try alias.string(), digest: try fields.required(.digest).string(),
      task: try fields.required(.task).string(), manifest: try blob(try fields.required(.manifest)), files: files,
      examples: examples)
  }

  private static func isInside(_ path: String) -> Bool {
    !path.isEmpty && path.utf8.count <= 1000 && !path.utf8.contains(0)
      && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !["", ".", ".."].contains($0) }
  }

  private static func pipelines(_ list: JSONValue) throws(Fault) -> [Pipeline] {
    var pipelines: [Pipeline] = []
    for one in try list.elements() {
      let fields = try one.fields(PipelineKey.self)
      let name = try fields.required(.name)
      guard PlainName.isValid(try name.string()) else { throw name.fault("this is no name of a pipeline") }
      let pipeline = Pipeline(try name.string(), try fields.required(.text).string())
      guard pipelines.last.map({ isBefore([$0.name], [pipeline.name]) }) ?? true else {
        throw one.fault("pipelines stand in the order of their names, each once")
      }
      pipelines.append(pipeline)
    }
    return pipelines
  }

  private static func program(_ value: JSONValue) throws(Fault) -> Program {
    let fields = try value.fields(ProgramKey.self)
    return Program(
      version: try fields.required(.version).string(), architecture: try fields.required(.architecture).string(),
      schema: try fields.required(.schema).integer(in: 1...1_000_000),
      blob: try blob(try fields.required(.sha256), try fields.required(.bytes)))
  }

  private static func health(_ value: JSONValue) throws(Fault) -> Health {
    let fields = try value.fields(HealthKey.self)
    return Health(
      seconds: try fields.required(.seconds).integer(in: Self.seconds),
      patience: try fields.required(.patience).integer(in: Self.seconds))
  }

  private static func blob(_ value: JSONValue) throws(Fault) -> Blob {
    let fields = try value.fields(BlobKey.self)
    return try blob(try fields.required(.sha256), try fields.required(.bytes))
  }

  private static func blob(_ digest: JSONValue, _ count: JSONValue) throws(Fault) -> Blob {
    guard SHA256.bytes(ofHex: try digest.string()) != nil else { throw digest.fault("this is no SHA-256") }
    return Blob(try digest.string(), byteCount: try count.integer(in: 0...mostBlobBytes))
  }
}

extension Bundle.Blob {
  fileprivate func write(into json: inout JSONWriter) {
    json.field("sha256", sha256)
    json.field("bytes", byteCount)
  }
}

extension Bundle.Model {
  fileprivate func write(into json: inout JSONWriter) {
    json.field("name", name)
    json.field("alias", alias)
    json.field("digest", digest)
    json.field("task", task)
    json.object("manifest") { manifest.write(into: &$0) }
    json.array("files") { json in
      for file in files {
        json.object { json in
          json.field("path", file.path)
          file.blob.write(into: &json)
        }
      }
    }
    json.array("examples") { json in
      for set in examples {
        json.object { json in
          json.object("inputs") { set.inputs.write(into: &$0) }
          json.object("answers") { set.answers.write(into: &$0) }
          json.field("count", set.count)
          json.field("computation", set.computation)
        }
      }
    }
  }
}
