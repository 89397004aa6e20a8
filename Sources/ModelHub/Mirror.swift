internal import Base

/// Another place that has the files of models: a folder, or the root of a web server.
struct Mirror: Sendable {
  /// Without a slash at the end.
  private let root: String
  private let isFolder: Bool

  init(_ place: String) throws(Fault) {
    let trimmed = place.count > 1 && place.hasSuffix("/") ? String(place.dropLast()) : place
    isFolder = !trimmed.contains("://")
    if isFolder {
      guard FileSystem.kind(of: trimmed) == .folder else {
        throw Fault(.notFound, "there is no mirror folder \(trimmed)")
      }
    }
    root = isFolder ? try absolute(trimmed) : trimmed
  }

  /// The addresses under which a file may stand here, likeliest first: by digest, by model, by repository.
  ///
  /// A folder is looked at, so only what is there is given back.
  func addresses(of file: Manifest.File, model: String) throws(Fault) -> [String] {
    var paths = [file.sha256, "\(model)/\(file.path)"].compactMap { $0 }
    if let url = file.url, let path = Mirror.repositoryPath(of: url) { paths.append(path) }
    guard isFolder else { return paths.map { "\(root)/\(Mirror.escape($0))" } }
    let found = paths.filter { FileSystem.kind(of: "\(root)/\($0)") == .file }
    guard !found.isEmpty else {
      throw Fault(.notFound, "the mirror \(root) has no \(paths.map { "'\($0)'" }.joined(separator: ", no "))")
    }
    return found.map { "file://" + Mirror.escape("\(root)/\($0)") }
  }

  /// `https://raw.githubusercontent.com/owner/name/commit/a/b` gives `owner+name/a/b`.
  static func repositoryPath(of url: String) -> String? {
    let host = "https://raw.githubusercontent.com/"
    guard url.hasPrefix(host) else { return nil }
    let parts = url.dropFirst(host.count).split(separator: "/")
    guard parts.count >= 4 else { return nil }
    let path = unescape(parts[3...].joined(separator: "/"))
    return path.split(separator: "/").contains("..") ? nil : "\(parts[0])+\(parts[1])/\(path)"
  }

  /// What a path may not hold in an address, as `%` and two digits (RFC 3986).
  static func escape(_ path: String) -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/+".utf8)
    let hex = Array("0123456789ABCDEF".utf8)
    let bytes = path.utf8.flatMap { (byte) -> [UInt8] in
      plain.contains(byte) ? [byte] : [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func unescape(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
