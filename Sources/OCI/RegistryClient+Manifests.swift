internal import Base
internal import Crypto
internal import Objects

extension RegistryClient {
  /// A manifest's bytes, and the digest that they have.
  struct FoundManifest {
    let bytes: [UInt8]
    /// 64 hexadecimal digits.
    let digest: String
    let mediaType: String
  }

  /// Reads the manifest of the reference.
  ///
  /// - Throws: `badInput` where the bytes are not those of the digest that was asked for, or that the registry gives for them.
  func manifest() throws(Fault) -> FoundManifest {
    var request = Request("GET", place("manifests/\(reference.versionPath)"))
    // Those that are no model are asked for too: it is told then what they are.
    request.headers = [
      ("Accept", ([ArtifactManifest.mediaType] + ArtifactManifest.foreignTypes).joined(separator: ", "))
    ]
    let answer = try send(request, to: "pull from")
    guard answer.status == 200 else { throw fault(answer, "pull from") }
    let bytes = answer.answer.body
    let digest = SHA256.hex(of: bytes)
    var wanted: [String] = []
    if case .digest(let said) = reference.version { wanted.append(said) }
    // Registries may leave it out, or have it of another kind.
    if let said = answer["docker-content-digest"], said.hasPrefix("sha256:") {
      wanted.append(String(said.dropFirst(7)))
    }
    guard wanted.allSatisfy({ $0 == digest }) else {
      throw Fault(
        .badInput, "the manifest of \(reference.text) came damaged: it has the SHA-256 \(digest), not \(wanted[0])")
    }
    let type = answer["content-type"]?.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() }
    return FoundManifest(bytes: bytes, digest: digest, mediaType: type ?? "")
  }

  /// Writes the manifest under the reference's tag.
  func put(_ manifest: [UInt8], digest: String) throws(Fault) {
    var request = Request("PUT", place("manifests/\(reference.versionPath)"))
    request.headers = [("Content-Type", ArtifactManifest.mediaType)]
    request.body = .bytes(manifest)
    let answer = try send(request, to: "push to")
    guard (200...299).contains(answer.status) else {
      guard answer.status != 400 else {
        throw Fault(
          .unsupported,
          "\(reference.registry) does not take the manifest: does it keep artefacts (OCI image manifest 1.1)?",
          cause: Self.cause(of: answer.answer))
      }
      throw fault(answer, "push to")
    }
    guard let said = answer["docker-content-digest"], said.hasPrefix("sha256:") else { return }
    guard said.dropFirst(7) == digest else {
      throw Fault(
        .badInput, "\(reference.registry) stored another manifest (\(said.prefix(80))) than was sent (sha256:\(digest))"
      )
    }
  }
}
