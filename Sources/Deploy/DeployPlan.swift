public import Base
internal import Crypto
internal import JSON

/// One thing that is done to a server.
public struct PlanStep: Sendable, Hashable {
  public enum Action: String, Sendable, CaseIterable {
    case create, change
    /// It is there already, and becomes the blueprint's.
    case adopt
    case destroy
  }

  public let key: ThingKey
  public let action: Action
  /// What the server had when the plan was made; `nil` where it had nothing.
  public let before: ThingFields?
  /// What it shall have; `nil` where it is destroyed.
  public let after: ThingFields?
  /// Names of fields that servers do not show, and that are other than they were applied last.
  public var hidden: [String] = []
  /// Of hidden values: by these it is known whether they are still the same, and nothing else.
  var seals: [String: String] = [:]
  /// It can be as it was before: nothing is lost with it that only the server knows.
  public var isReversible = true
  /// What it costs, or does besides.
  public var effect = ""

  /// What becomes another, by field; `nil` stands for no value.
  public var differences: [(name: String, old: String?, new: String?)] {
    (before ?? ThingFields()).differences(to: after ?? ThingFields())
  }
}

/// What is to be done so that servers have what a blueprint says, and what they had when that was found out.
public struct DeployPlan: Sendable, Hashable {
  /// The document that it is made of, from the root.
  public var site: String
  public var stage: String
  /// Of the document and the stage.
  public var siteDigest: String
  /// Addresses of servers, by name.
  public var servers: [String: String] = [:]
  /// In the order in which they are done.
  public var steps: [PlanStep] = []
  /// Things that are as they shall be, with the digests of what servers show of them.
  public var kept: [ThingKey: String] = [:]
  /// Things that were applied, and are not the blueprint's any more: they are gone, or their server is.
  public var forgotten: [ThingKey] = []

  /// Nothing is to be done.
  public var isEmpty: Bool { steps.isEmpty && forgotten.isEmpty }

  public static func digest(of fields: ThingFields?) -> String {
    guard let fields else { return "absent" }
    return SHA256.hex(of: JSONWriter.object(fields.write))
  }

  /// Of the whole plan.
  public var digest: String { SHA256.hex(of: json) }
}

extension DeployPlan {
  private enum Key: String, CaseIterable { case plan, site, stage, digest, servers, steps, kept, forgotten }
  private enum KeptKey: String, CaseIterable { case thing, saw }

  /// Of the form of the document.
  private static let version = 1

  /// The plan as a document; no secret is in it.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 1 << 12) { json in
      json.field("plan", Self.version)
      json.field("site", site)
      json.field("stage", stage)
      json.field("digest", siteDigest)
      json.object("servers") { json in
        for (name, address) in servers.sorted(by: { $0.key < $1.key }) { json.field(JSONWriter.Name(name), address) }
      }
      json.array("steps") { json in for step in steps { json.object(step.write) } }
      json.array("kept") { json in
        for (key, digest) in kept.sorted(by: { $0.key < $1.key }) {
          json.object { json in
            json.object("thing", key.write)
            json.field("saw", digest)
          }
        }
      }
      json.array("forgotten") { json in for key in forgotten { json.object(key.write) } }
    }
  }

  /// Reads what ``json`` wrote.
  ///
  /// - Throws: `badInput` for anything else.
  public init(_ bytes: [UInt8], name: String) throws(Fault) {
    try self.init(JSONDocument(parsing: bytes.span.bytes, name: name).root)
  }

  init(_ root: JSONValue) throws(Fault) {
    let fields = try root.fields(Key.self)
    _ = try fields.required(.plan).integer(in: Self.version...Self.version)
    site = try fields.required(.site).string()
    stage = try fields.required(.stage).string()
    siteDigest = try fields.required(.digest).string()
    for (name, value) in try fields.required(.servers).members() { servers[name] = try value.string() }
    for value in try fields.required(.steps).elements() { steps.append(try PlanStep(value)) }
    for value in try fields.required(.kept).elements() {
      let fields = try value.fields(KeptKey.self)
      kept[try ThingKey(fields.required(.thing))] = try fields.required(.saw).string()
    }
    for value in try fields.required(.forgotten).elements() { forgotten.append(try ThingKey(value)) }
  }
}

extension PlanStep {
  private enum Key: String, CaseIterable { case thing, action, before, after, saw, hidden, seals, reversible, effect }

  func write(into json: inout JSONWriter) {
    json.object("thing", key.write)
    json.field("action", action.rawValue)
    if let before { json.object("before", before.write) }
    if let after { json.object("after", after.write) }
    json.field("saw", DeployPlan.digest(of: before))
    json.field("hidden", hidden)
    json.object("seals") { json in
      for (name, seal) in seals.sorted(by: { $0.key < $1.key }) { json.field(JSONWriter.Name(name), seal) }
    }
    json.field("reversible", isReversible)
    json.field("effect", effect)
  }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    key = try ThingKey(fields.required(.thing))
    action = try fields.required(.action).choice()
    before = try fields[.before].map { (value) throws(Fault) in try ThingFields(value) }
    after = try fields[.after].map { (value) throws(Fault) in try ThingFields(value) }
    guard try fields.required(.saw).string() == DeployPlan.digest(of: before) else {
      throw value.fault("what this step saw is not what its digest is of: the plan was changed by hand; make it anew")
    }
    for word in try fields.required(.hidden).elements() { hidden.append(try word.string()) }
    for (name, seal) in try fields.required(.seals).members() { seals[name] = try seal.string() }
    isReversible = try fields.required(.reversible).bool()
    effect = try fields.required(.effect).string()
  }
}
