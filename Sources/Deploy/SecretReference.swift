public import Base
internal import Glibc
internal import YAML

/// Where a secret is, as a blueprint names it: `env:NAME` or `file:PATH`; the secret itself never stands in one.
public struct SecretReference: Sendable, Hashable {
  private enum Place: Hashable { case environment(String), file(String) }

  private let place: Place
  /// Where the blueprint says so: `site.yaml:4:10`.
  private let origin: String

  /// - Throws: `badInput` with the place for anything but a reference, without showing it: it may be a secret.
  init(_ value: YAMLValue, folder: String) throws(Fault) {
    let text = try value.text()
    origin = "\(value.document):\(value.node.place.line):\(value.node.place.column)"
    if let name = Self.rest(of: text, behind: "env:") {
      place = .environment(name)
    } else if let path = Self.rest(of: text, behind: "file:") {
      place = .file(path.hasPrefix("/") || folder == "." ? path : "\(folder)/\(path)")
    } else {
      throw value.fault(
        "\(value.what) is a secret, and none stands in a blueprint: say where it is, as env:NAME or file:PATH")
    }
  }

  private static func rest(of text: String, behind word: String) -> String? {
    text.hasPrefix(word) && text.utf8.count > word.utf8.count ? String(text.dropFirst(word.count)) : nil
  }

  /// The secret, without space at its end.
  ///
  /// - Throws: what says that it is not there, and never the secret.
  public func resolve() throws(Fault) -> String {
    var text: Substring
    switch place {
    case .environment(let name):
      guard let found = getenv(name) else {
        throw Fault(.notFound, "\(origin): there is no \(name) in the environment")
      }
      text = String(cString: found)[...]
    case .file(let path):
      let bytes: [UInt8]
      do throws(Fault) { bytes = try FileSystem.read(path, limit: 4096) } catch { throw error.at(origin) }
      text = String(decoding: bytes, as: UTF8.self)[...]
    }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    guard !text.isEmpty else { throw Fault(.badInput, "\(origin): what it names is empty") }
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
      throw Fault(.badInput, "\(origin): what it names has more than one line, or characters that steer a terminal")
    }
    return String(text)
  }
}
