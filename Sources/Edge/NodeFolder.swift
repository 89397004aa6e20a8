public import Base
internal import Crypto
internal import Fleet
internal import Glibc
internal import JSON

/// The part of a node's library that is about its centre: `edge/`, for the server's user alone.
///
/// `centre.json` says which key is in force; it is changed in one step, so that a loss of power leaves the old enrolment or the new one.
public struct NodeFolder: Sendable {
  public let path: String

  /// The key that is to be enrolled; it stays until that is known to be done, so that an answer which got lost can be asked for again.
  private var candidate: String { "\(path)/candidate.pem" }
  var enrolmentFile: String { "\(path)/centre.json" }

  /// Makes the folder where it is missing; `library` is the path of the node's library.
  public init(library: String) throws(Fault) {
    path = "\(library)/edge"
    try FileSystem.makeFolder(path)
    guard chmod(path, 0o700) == 0 else { throw SystemError.last.fault("write", path) }
  }

  /// `nil` where the node was never enrolled.
  ///
  /// - Throws: `badInput` for a damaged file.
  public func enrolment() throws(Fault) -> NodeEnrolment? {
    guard FileSystem.isThere(enrolmentFile) else { return nil }
    let bytes = try FileSystem.read(enrolmentFile, limit: 1 << 16)
    let enrolment = try NodeEnrolment(try JSONDocument(parsing: bytes.span.bytes, name: enrolmentFile).root)
    guard FileSystem.isThere("\(path)/\(enrolment.keyFile)") else {
      throw Fault(
        .badInput,
        "\(path)/\(enrolment.keyFile) is gone, and with it the key of this node: revoke '\(enrolment.name.text)' at its centre, remove \(enrolmentFile), and enrol it anew"
      )
    }
    return enrolment
  }

  /// Something here is of a node that was enrolled once, whether or not it is known still where: a key that was in force, or an update that it took.
  var wasEnrolled: Bool {
    let names = (try? FileSystem.list(path)) ?? []
    return names.contains(where: Self.isKey) || FileSystem.isThere("\(path)/updates/state.json")
  }

  /// The name of a file with a key that is, or was, in force.
  private static func isKey(_ name: String) -> Bool { name.hasSuffix(".pem") && name.utf8.count == 20 }

  /// The file with the private key and the certificate that are in force.
  public func identity(of enrolment: NodeEnrolment) -> String { "\(path)/\(enrolment.keyFile)" }

  /// Writes down that the centre shows other pins from now on.
  func keep(_ enrolment: NodeEnrolment) throws(Fault) {
    try FileSystem.write(enrolment.json, to: enrolmentFile, isSecret: true)
  }

  var hasCandidate: Bool { FileSystem.isThere(candidate) }

  /// The file of the key that is to be enrolled, with its fingerprint; made where there is none, or none that can be read.
  func candidateKey() throws(Fault) -> (file: String, fingerprint: [UInt8]) {
    if hasCandidate {
      let pem = try FileSystem.read(candidate, limit: 1 << 16)
      do throws(Fault) {
        return (candidate, try SelfSignedCertificate.fingerprint(ofPEM: pem, name: candidate))
      } catch { guard error.kind == .badInput else { throw error } }
    }
    let made = try SelfSignedCertificate(name: "ridley node")
    try FileSystem.write(made.pem, to: candidate, isSecret: true)
    return (candidate, made.fingerprint)
  }

  /// The candidate is enrolled: it is the node's key from now on, and an older one goes.
  func adopt(
    _ fingerprint: [UInt8], _ enrolment: (_ keyFile: String) -> NodeEnrolment
  ) throws(Fault) -> NodeEnrolment {
    let file = "\(Hex.text(fingerprint.prefix(8))).pem"
    try FileSystem.write(try FileSystem.read(candidate, limit: 1 << 16), to: "\(path)/\(file)", isSecret: true)
    let made = enrolment(file)
    try keep(made)
    try FileSystem.remove(candidate)
    for name in try FileSystem.list(path) where Self.isKey(name) && name != file {
      try FileSystem.remove("\(path)/\(name)")
    }
    return made
  }

  /// Throws a key away that could not be enrolled.
  func dropCandidate() { unlink(candidate) }
}
