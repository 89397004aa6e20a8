internal import Base
internal import Crypto
public import Fleet
internal import JSON

/// What a node knows of its centre since it came in, in a file of its folder.
public struct NodeEnrolment: Sendable, Hashable {
  public let name: NodeName
  /// Whose the node is.
  public let client: String
  /// Which of the folder's files has the key that the centre knows.
  let keyFile: String
  /// SHA-256 of keys (SubjectPublicKeyInfo, DER) of which the centre's door has one, 32 bytes each.
  public var pins: [[UInt8]]
  /// Public keys of Ed25519, 32 bytes each: what the node is to run is signed with one of them.
  ///
  /// They never change but by another enrolment.
  public let bundleKeys: [[UInt8]]
  /// SHA-256 of the token by which it came in, as hexadecimal digits.
  let token: String

  init(
    name: NodeName, client: String, keyFile: String, pins: [[UInt8]], bundleKeys: [[UInt8]], token: String
  ) {
    (self.name, self.client, self.keyFile, self.pins) = (name, client, keyFile, pins)
    (self.bundleKeys, self.token) = (bundleKeys, token)
  }

  private enum Key: String, CaseIterable {
    case node, client, key, pins, token
    case bundleKeys = "bundle_keys"
  }

  var json: [UInt8] {
    JSONWriter.line(capacity: 512) { json in
      json.field("node", name.text)
      json.field("client", client)
      json.field("key", keyFile)
      json.field("pins", pins.map { Hex.text($0) })
      json.field("bundle_keys", bundleKeys.map { Hex.text($0) })
      json.field("token", token)
    }
  }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    let file = try fields.required(.key).string()
    guard !file.contains("/"), file.hasSuffix(".pem") else {
      throw value.fault("'\(file.prefix(80))' is no file of a node's folder")
    }
    self.init(
      name: try NodeName(try fields.required(.node).string()), client: try fields.required(.client).string(),
      keyFile: file, pins: try fields.required(.pins).digests(),
      bundleKeys: try fields.required(.bundleKeys).digests(), token: try fields.required(.token).string())
    guard !pins.isEmpty else { throw value.fault("no key of the centre is pinned here") }
  }
}

extension JSONValue {
  /// An array of 32 bytes each, as hexadecimal digits: so few that the node's file, which is read with a limit, can hold them.
  func digests() throws(Fault) -> [[UInt8]] {
    var digests: [[UInt8]] = []
    for element in try elements() {
      guard digests.count < 64 else { throw element.fault("64 keys are expected here at most") }
      guard let digest = SHA256.bytes(ofHex: try element.string()) else {
        throw element.fault("64 hexadecimal digits are expected here")
      }
      digests.append(digest)
    }
    return digests
  }
}
