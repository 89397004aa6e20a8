internal import Base
internal import Crypto
internal import JSON

/// When something was put into a ledger: by the clock on the node's wall, and by one that nobody can set.
public struct NodeMoment: Sendable, Hashable {
  /// Milliseconds since 1970, as the node has them, which may be wrong by hours.
  public let wall: Int
  /// Milliseconds since the machine was started.
  public let monotonic: Int
  /// Which start of the machine that was.
  public let boot: String

  public init(wall: Int, monotonic: Int, boot: String) {
    (self.wall, self.monotonic, self.boot) = (wall, monotonic, boot)
  }
}

/// One thing that a node tells its centre: the next of its line.
///
/// Its hash holds that of the one before it, and the digest of its contents in place of these: so both ends can compare what they have by one
/// hash, and contents that may not be kept can go without breaking the chain.
public struct LedgerEntry: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// An event as it was then.
    case event
    /// So many events were not put into the line, as there was no room for them.
    case gap
    /// A picture of an event's best moment.
    case picture
    /// An asset with what was recorded of a stream.
    case recording
    /// An analysis with the asset that it is of.
    case analysis

    /// It is taken in a transaction of its own.
    var isAlone: Bool { self == .recording || self == .analysis }
  }

  /// From 1 on, without a hole.
  public let sequence: Int
  public let kind: Kind
  public let moment: NodeMoment
  /// SHA-256 of the contents, 64 hexadecimal digits.
  public let digest: String
  /// One JSON object; `nil` where it is not kept any more.
  public var body: [UInt8]?
  /// SHA-256 of the hash before it and of ``canonical(_:)``.
  public let hash: String

  public static let most = 256 << 10

  /// What stands before the first of a line.
  public static let none = String(repeating: "0", count: 64)

  /// The next behind a hash.
  public init(
    _ sequence: Int, _ kind: Kind, at moment: NodeMoment, of line: LedgerLine, in life: String, body: [UInt8],
    after previous: String
  ) {
    (self.sequence, self.kind, self.moment, self.body) = (sequence, kind, moment, body)
    digest = SHA256.hex(of: body)
    hash = Self.hash(
      after: previous, Self.canonical(sequence, kind, moment, digest, line, life))
  }

  /// Whether it is the next behind a hash, and its contents, where it has them, are what it says.
  public func follows(_ previous: String, in line: LedgerLine, of life: String) -> Bool {
    let own = Self.hash(after: previous, Self.canonical(sequence, kind, moment, digest, line, life))
    return own == hash && body.map { SHA256.hex(of: $0) == digest } ?? true
  }

  /// Bytes of which no two entries have the same: lines of text, the names in them escaped.
  static func canonical(
    _ sequence: Int, _ kind: Kind, _ moment: NodeMoment, _ digest: String, _ line: LedgerLine, _ life: String
  ) -> [UInt8] {
    let lines = [
      "ridley-ledger-1", life, line.text, String(sequence), kind.rawValue, String(moment.wall),
      String(moment.monotonic), moment.boot, digest,
    ]
    return Array(lines.joined(separator: "\n").utf8)
  }

  private static func hash(after previous: String, _ bytes: [UInt8]) -> String {
    var digest = SHA256()
    digest.update(SHA256.bytes(ofHex: previous) ?? [])
    digest.update(bytes)
    return digest.finish()
  }
}

extension LedgerEntry {
  enum Key: String, CaseIterable { case line, sequence, kind, at, ticks, boot, digest, hash, body, gone, clock, of }

  /// All but the contents.
  func write(into json: inout JSONWriter) {
    json.field("sequence", sequence)
    json.field("kind", kind.rawValue)
    json.field("at", moment.wall)
    json.field("ticks", moment.monotonic)
    json.field("boot", moment.boot)
    json.field("digest", digest)
    json.field("hash", hash)
  }

  /// Numbers that are added and subtracted without overflow, whatever others send.
  static let (numbers, moments) = (0...(1 << 53), -(1 << 53)...(1 << 53))

  /// Reads what ``write(into:)`` wrote.
  init(_ fields: JSONFields<Key>, body: [UInt8]?) throws(Fault) {
    sequence = try fields.required(.sequence).integer(in: 1...Self.numbers.upperBound)
    kind = try fields.required(.kind).choice()
    moment = NodeMoment(
      wall: try fields.required(.at).integer(in: Self.moments),
      monotonic: try fields.required(.ticks).integer(in: Self.moments),
      boot: try Self.word(fields.required(.boot)))
    digest = try Self.digest(fields.required(.digest))
    hash = try Self.digest(fields.required(.hash))
    self.body = body
  }

  static func digest(_ value: JSONValue) throws(Fault) -> String {
    let text = try value.string()
    guard SHA256.bytes(ofHex: text) != nil else { throw value.fault("this is no SHA-256") }
    return text
  }

  /// Letters, digits and `-`, so that no text reaches into the next line of the canonical bytes.
  static func word(_ value: JSONValue) throws(Fault) -> String {
    let text = try value.string()
    guard PlainName.isValid(text) else { throw value.fault("this is no plain word") }
    return text
  }
}
