public import Base
internal import Crypto

/// A manifest in a registry, as container tools write it: `HOST[:PORT]/REPOSITORY:TAG` or `HOST[:PORT]/REPOSITORY@sha256:…`.
public struct ImageReference: Sendable, Hashable {
  /// Which manifest of the repository is meant.
  public enum Version: Sendable, Hashable {
    case tag(String)
    /// 64 hexadecimal digits of its SHA-256.
    case digest(String)
  }

  /// Host and port, as people name the registry.
  public let registry: String
  public let repository: String
  public let version: Version

  /// Whether a word is meant as a reference, and not as a model's name or a folder: by `oci://`, or because a host stands in front.
  ///
  /// A host has a `.` or a `:`, or is `localhost`, as every container tool has it. What is a folder here is a folder.
  public static func isMeant(by word: String) -> Bool {
    if word.hasPrefix(scheme) { return true }
    guard let slash = word.firstIndex(of: "/"), !word.hasPrefix("/"), !word.hasPrefix("."),
      FileSystem.kind(of: word) == nil
    else { return false }
    let host = word[..<slash]
    return host.hasPrefix("[") || host.contains(":") || host.contains(".") || host == "localhost"
  }

  /// - Throws: `usage` with what is wrong, and what would be right.
  public init(_ text: String) throws(Fault) {
    let plain = text.hasPrefix(Self.scheme) ? String(text.dropFirst(Self.scheme.count)) : text
    guard let slash = plain.firstIndex(of: "/") else { throw Self.refusal(text, "it names no repository") }
    var rest = String(plain[plain.index(after: slash)...])
    var digest: String?
    if let at = rest.firstIndex(of: "@") {
      digest = try Self.digest(String(rest[rest.index(after: at)...]), text)
      rest = String(rest[..<at])
    }
    var tag: String?
    if let colon = rest.lastIndex(of: ":") {
      tag = String(rest[rest.index(after: colon)...])
      rest = String(rest[..<colon])
    }
    if let tag, !Self.isTag(tag) {
      throw Self.refusal(text, "'\(tag.prefix(140))' is no tag: letters, digits, '_', '-' and '.', 128 at most")
    }
    let host = String(plain[..<slash])
    guard RegistryAddress("https://\(host)/") != nil else { throw Self.refusal(text, "'\(host)' is no host") }
    let isHub = ["docker.io", "index.docker.io"].contains(host)
    if isHub, !rest.contains("/") { rest = "library/\(rest)" }
    guard Self.isRepository(rest) else {
      let hint = rest.lowercased() != rest ? ": names of repositories have small letters" : ""
      throw Self.refusal(text, "'\(rest.prefix(260))' is no repository\(hint)")
    }
    guard let version = digest.map(Version.digest) ?? tag.map(Version.tag) else {
      throw Self.refusal(text, "it does not say which one is meant")
    }
    (registry, repository, self.version) = (host, rest, version)
  }

  /// The host that is asked: that of Docker's hub has another name than its registry.
  var host: String { ["docker.io", "index.docker.io"].contains(registry) ? "registry-1.docker.io" : registry }

  /// As the registry takes it in a path.
  var versionPath: String {
    switch version {
    case .tag(let tag): tag
    case .digest(let digest): "sha256:\(digest)"
    }
  }

  /// The same without a scheme.
  public var text: String {
    switch version {
    case .tag(let tag): "\(registry)/\(repository):\(tag)"
    case .digest(let digest): "\(registry)/\(repository)@sha256:\(digest)"
    }
  }

  /// Whether a text names a repository of a registry.
  static func isRepository(_ text: String) -> Bool {
    text.utf8.count <= 255 && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isComponent)
  }

  /// Small letters and digits, with one `.`, one or two `_`, or any number of `-` between them.
  private static func isComponent(_ text: Substring) -> Bool {
    let bytes = Array(text.utf8)
    func isWord(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) }
    guard let first = bytes.first, let last = bytes.last, isWord(first), isWord(last) else { return false }
    return bytes.split(whereSeparator: isWord).allSatisfy { mark in
      mark.elementsEqual(".".utf8) || mark.elementsEqual("_".utf8) || mark.elementsEqual("__".utf8)
        || mark.allSatisfy { $0 == UInt8(ascii: "-") }
    }
  }

  private static func isTag(_ text: String) -> Bool {
    let plain = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || [0x2d, 0x2e, 0x5f].contains(byte)
    }
    return (1...128).contains(text.utf8.count) && plain && text.first != "." && text.first != "-"
  }

  private static func digest(_ word: String, _ text: String) throws(Fault) -> String {
    let hex = String(word.dropFirst(7))
    guard word.hasPrefix("sha256:"), SHA256.bytes(ofHex: hex) != nil else {
      throw refusal(text, "'\(word.prefix(80))' is no digest: sha256: and 64 digits of 0-9 and a-f")
    }
    return hex
  }

  private static let scheme = "oci://"

  private static func refusal(_ text: String, _ why: String) -> Fault {
    Fault(
      .usage,
      "'\(text.prefix(300))' is no reference to a model in a registry, since \(why): write HOST/REPOSITORY:TAG, e.g. registry.example.com/vision/inspector:3"
    )
  }
}
