internal import Base
internal import Crypto
internal import JSON

/// What was applied of one stage of a blueprint: by this it is known what is the blueprint's, and what others made.
public struct DeployState: Sendable, Hashable {
  /// A thing as it was applied.
  struct Recorded: Sendable, Hashable {
    /// Of the server: at another address stands another server, whatever it is called.
    var address: String
    var fields: ThingFields
    /// Of values that servers do not show.
    var seals: [String: String]
  }

  /// What seals are made with.
  let salt: [UInt8]
  var things: [ThingKey: Recorded] = [:]
  /// When something was applied last, in seconds since 1970.
  public internal(set) var applied: Int?

  init(salt: [UInt8]) { self.salt = salt }

  /// Of nothing that was applied yet.
  public static func new() -> DeployState {
    var random = SystemRandomNumberGenerator()
    return DeployState(salt: (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  /// How many things are the blueprint's.
  public var count: Int { things.count }

  /// By this a hidden value is known again by who has the state, and by nobody else.
  func seal(_ key: ThingKey, _ field: String, _ value: String) -> String {
    Hex.text(HMACSHA256.code(of: Array("\(key.text)\n\(field)\n\(value)".utf8), key: salt))
  }

  /// The seals of all that servers do not show of a thing.
  func seals(of thing: Thing) -> [String: String] {
    var seals: [String: String] = [:]
    for (name, value) in thing.hidden where !thing.shows(name, value) { seals[name] = seal(thing.key, name, value) }
    return seals
  }

  /// It is not known which secrets of a step its server has: whatever they shall be, the next plan has them as a change.
  mutating func doubt(_ step: PlanStep) {
    // No seal is empty.
    for name in step.hidden { things[step.key]?.seals[name] = "" }
  }

  private enum Key: String, CaseIterable { case state, salt, applied, things }
  private enum ThingsKey: String, CaseIterable { case thing, address, fields, seals }

  private static let version = 1

  var json: [UInt8] {
    JSONWriter.object(capacity: 1 << 12) { json in
      json.field("state", Self.version)
      json.field("salt", Hex.text(salt))
      json.field("applied", ifKnown: applied)
      json.array("things") { json in
        for (key, recorded) in things.sorted(by: { $0.key < $1.key }) {
          json.object { json in
            json.object("thing", key.write)
            json.field("address", recorded.address)
            json.object("fields", recorded.fields.write)
            json.object("seals") { json in
              for (name, seal) in recorded.seals.sorted(by: { $0.key < $1.key }) {
                json.field(JSONWriter.Name(name), seal)
              }
            }
          }
        }
      }
    }
  }

  init(_ bytes: [UInt8], name: String) throws(Fault) {
    let fields = try JSONDocument(parsing: bytes.span.bytes, name: name).root.fields(Key.self)
    _ = try fields.required(.state).integer(in: Self.version...Self.version)
    let salt = try fields.required(.salt)
    guard let bytes = SHA256.bytes(ofHex: try salt.string()) else { throw salt.fault("this is no salt of 64 digits") }
    self.init(salt: bytes)
    applied = try fields[.applied]?.integer()
    for value in try fields.required(.things).elements() {
      let fields = try value.fields(ThingsKey.self)
      var recorded = Recorded(
        address: try fields.required(.address).string(), fields: try ThingFields(fields.required(.fields)), seals: [:])
      for (name, seal) in try fields.required(.seals).members() { recorded.seals[name] = try seal.string() }
      things[try ThingKey(fields.required(.thing))] = recorded
    }
  }
}

extension Thing {
  /// Whether the server shows the whole value.
  func shows(_ name: String, _ value: String) -> Bool {
    fields.values[name] == ThingFields.text { $0.string(value) }
  }
}
