import Base
import Crypto
import Fleet
import JSON
import Updates

/// How the bundle of an update comes to its signature: by a key on this machine, or elsewhere.
enum FleetSigner {
  case key(Ed25519.PrivateKey)
  /// The file that gets the bytes to be signed.
  case elsewhere(String)

  static let sign = Option.value(
    "sign", "KEY.pem",
    "the private key (Ed25519, PEM) whose public one nodes pinned: it signs here, and no server ever has it")
  static let unsigned = Option.value(
    "unsigned", "FILE",
    "in place of --sign: write what is to be signed there, and begin nothing; 'ridley fleet update --bundle' does")

  init(_ arguments: Arguments) throws(Fault) {
    switch (arguments["sign"], arguments["unsigned"]) {
    case (let file?, nil): self = .key(try RegistryWords.privateKey(file))
    case (nil, let file?): self = .elsewhere(file)
    case (nil, nil):
      throw arguments.refusal(
        "nodes take nothing that is not signed: --sign KEY.pem signs here, and --unsigned FILE writes what is to be signed elsewhere"
      )
    default: throw arguments.refusal("a bundle is signed here or elsewhere: --sign or --unsigned, and not both")
    }
  }

  /// Begins an update, or writes what is to be signed before it begins.
  func begin(
    _ bundle: Bundle, for target: UpdateTarget, _ plan: UpdatePlan, what: [String], in book: UpdateBook,
    _ arguments: Arguments
  ) throws(Fault) -> ExitCode {
    let (keys, who) = (try book.keys(), RegistryWords.who(arguments))
    switch self {
    case .key(let key):
      let signed = try SignedBundle(bundle, with: key)
      let update = try book.begin(signed, for: target, plan, trusting: keys, what: what, by: who)
      return try FleetWords.tell(update, arguments)
    case .elsewhere(let file):
      let (message, update) = try book.draft(bundle, for: target, plan, what: what, by: who)
      try FileSystem.write(message, to: file)
      try Terminal.print(arguments.has("json") ? Self.json(update, file) : Self.text(update, file))
      return .success
    }
  }

  private static func json(_ update: FleetUpdate, _ file: String) -> String {
    JSONText.line { json in
      json.field("version", update.version)
      json.field("target", update.target.text)
      json.field("what", update.what)
      json.field("file", file)
      json.field("sha256", update.bundle)
    }
  }

  private static func text(_ update: FleetUpdate, _ file: String) -> String {
    """
    update \(update.version) (\(update.what.joined(separator: ", "))) for the \(update.target.text) waits for its signature, and nothing has begun. Where the key is:
      openssl pkeyutl -sign -rawin -inkey KEY.pem -in \(file) -out bundle.sig
    Then, before another update begins:
      ridley fleet update --bundle \(file) --signature bundle.sig

    """
  }
}

/// A bundle that comes back with its signature.
struct FleetHandIn {
  private let message: [UInt8]
  private let signature: [UInt8]

  static let bundle = Option.value(
    "bundle", "FILE", "begin what was written to FILE by --unsigned, of an update or a rollback, as it was said then")
  static let signature = Option.value(
    "signature", "FILE", "with --bundle: its signature, 64 bytes, as 'openssl pkeyutl -sign -rawin' writes them")

  /// What was said when the bundle was written.
  private static let said = [
    "models", "pipelines", "program", "group", "node", "canary", "every", "rule", "patience", "health", "within", "by",
    "sign", "unsigned",
  ]

  /// `nil` where the command line names none.
  init?(_ arguments: Arguments) throws(Fault) {
    guard let file = arguments["bundle"] else {
      for name in ["signature", "server", "key"] where arguments[name] != nil {
        throw arguments.refusal("--\(name) is for a bundle that was signed elsewhere: --bundle FILE")
      }
      return nil
    }
    guard let path = arguments["signature"] else {
      throw arguments.refusal("nodes take nothing that is not signed: --signature FILE")
    }
    for name in Self.said where arguments[name] != nil {
      throw arguments.refusal("--\(name) is said when a bundle is written, and not with --bundle")
    }
    signature = try FileSystem.read(path, limit: 1 << 16)
    guard signature.count == Ed25519.signatureByteCount else {
      throw Fault(
        .badInput,
        "\(path) has \(signature.count) bytes, and a signature of Ed25519 has \(Ed25519.signatureByteCount): take the bytes as 'openssl pkeyutl -sign -rawin' writes them, without base64 or an envelope"
      )
    }
    message = try FileSystem.read(file, limit: 2 * Bundle.mostBytes)
  }

  func begin(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let server = try RemotePlace.server(arguments) else {
      let book = UpdateBook(try LibraryPlace.open(arguments))
      let update = try book.begin(message: message, signature: signature, trusting: try book.keys())
      return try FleetWords.tell(update, arguments)
    }
    let body = JSONWriter.object(capacity: message.count + 256) { json in
      json.field("bundle", String(decoding: message, as: UTF8.self))
      json.field("signature", Base64.encode(signature))
    }
    let answer = try server.get("POST", "/v1/fleet/updates", json: body)
    let name = "the answer of \(server.host)"
    return try FleetWords.tell(
      try FleetUpdate(try JSONDocument(parsing: answer.span.bytes, name: name).root), arguments)
  }
}
