public import Base
internal import Crypto
public import Fleet
internal import JSON
internal import Objects

/// How a node comes into a fleet: once, with a token.
public struct Enrolment: Sendable {
  public enum Outcome: Sendable, Hashable {
    case enrolled(NodeEnrolment)
    /// The token is worth nothing at this centre, and will not be; an enrolment that was there before goes on.
    case refused(Fault)
  }

  private let folder: NodeFolder
  private let centre: CentreAddress

  public init(_ folder: NodeFolder, at centre: CentreAddress) { (self.folder, self.centre) = (folder, centre) }

  /// Whether a token has anything to do: the node is not enrolled, or was so by another token.
  public func wants(_ token: TokenWord) throws(Fault) -> Bool {
    try folder.enrolment()?.token != Self.digest(of: token)
  }

  /// Shows the token and the node's key to the centre, and keeps what it answers.
  ///
  /// - Throws: what keeps the centre from being asked, or from saying yes or no: it may be tried again, and the same key is shown then. `denied`
  ///   where another than the centre holds its address.
  public func enrol(_ token: TokenWord, goesOn: () -> Bool = { true }) throws(Fault) -> Outcome {
    let isFromBefore = folder.hasCandidate
    let outcome = try show(token, goesOn)
    // A key that lay here from before may have been revoked meanwhile, and the token be good.
    guard case .refused = outcome, isFromBefore else { return outcome }
    return try show(token, goesOn)
  }

  private func show(_ token: TokenWord, _ goesOn: () -> Bool) throws(Fault) -> Outcome {
    let (file, fingerprint) = try folder.candidateKey()
    let connection = CentreConnection(centre, identity: file, pins: [token.pin], totalSeconds: 20)
    let ask = JSONWriter.object(capacity: 256) { json in
      json.field("node", token.name.text)
      json.field("secret", Hex.text(token.secret))
    }
    let answer = try connection.ask(
      "POST", "/v1/edge/enrol", headers: [("Content-Type", "application/json")], body: .bytes(ask),
      goesOn: { _ in goesOn() })
    guard answer.status == 200 else {
      let fault = CentreConnection.fault(answer)
      guard [403, 409].contains(answer.status) else { throw fault }
      folder.dropCandidate()
      return .refused(fault)
    }
    let enrolled = try Answer(try JSONDocument(parsing: answer.body.span.bytes, name: "the centre's answer").root)
    let kept = try folder.adopt(fingerprint) { file in
      NodeEnrolment(
        name: token.name, client: enrolled.client, keyFile: file, pins: enrolled.pins, bundleKeys: enrolled.bundleKeys,
        token: Self.digest(of: token))
    }
    return .enrolled(kept)
  }

  private static func digest(of token: TokenWord) -> String { SHA256.hex(of: token.secret) }

  /// What the centre says to one that it has let in.
  private struct Answer {
    let client: String
    let pins: [[UInt8]]
    let bundleKeys: [[UInt8]]

    private enum Key: String, CaseIterable {
      case client, pins
      case bundleKeys = "bundle_keys"
    }

    init(_ value: JSONValue) throws(Fault) {
      let fields = try value.fields(Key.self, others: .ignored)
      client = try fields.required(.client).string()
      guard ClientName.isValid(client) else { throw value.fault("the centre names no client") }
      (pins, bundleKeys) = (try fields.required(.pins).digests(), try fields.required(.bundleKeys).digests())
      guard !pins.isEmpty else { throw value.fault("the centre names none of its keys") }
    }
  }
}
