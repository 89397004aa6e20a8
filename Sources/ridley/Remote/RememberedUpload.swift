import Base
import Catalog
import Crypto
import Library
import ModelHub

/// An upload that was begun and not finished, kept in the home of ridley, so that the same command run again goes on with it.
///
/// Best effort: where it cannot be kept, the next command begins anew.
final class RememberedUpload {
  /// By which the server knows it.
  private(set) var id: String?
  private let path: String?

  var isRemembered: Bool { id != nil }

  /// Of these bytes, with all that is said of them, to one server.
  init(of digest: String, _ draft: AssetDraft, to server: String) throws(Fault) {
    let words =
      [server, digest, draft.group.client, draft.group.brand ?? "", draft.group.campaign ?? "", draft.name]
      + [draft.captured.map(String.init) ?? ""] + draft.tags
    let name = SHA256.hex(of: Array(words.joined(separator: "\n").utf8)).prefix(32)
    path = try Hub.standard().home.map { "\($0)/uploads/\(name)" }
    guard let path, FileSystem.isThere(path), let bytes = try? FileSystem.read(path, limit: 64) else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    let isName = { (byte: UInt8) in
      byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte < 0x80 && Character(Unicode.Scalar(byte)).isLetter
        || (48...57).contains(byte)
    }
    if !text.isEmpty, text.utf8.allSatisfy(isName) { id = text }
  }

  func remember(_ id: String) {
    self.id = id
    guard let path else { return }
    try? FileSystem.makeFolder(FileSystem.folder(of: path))
    try? FileSystem.write(Array(id.utf8), to: path)
  }

  func forget() {
    id = nil
    if let path { try? FileSystem.remove(path) }
  }
}
