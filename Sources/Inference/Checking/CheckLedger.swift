internal import Base
internal import Crypto

/// Checks by network, engine and precision: those of this process, and where there is a folder, of all before it.
final class CheckLedger: Sendable {
  private let folder: String?
  private let found = Monitor<[String: NetworkCheck]>([:])

  init(folder: String?) { self.folder = folder }

  /// `nil` where it was never checked, or what was kept is not what was written.
  func find(_ name: String) -> NetworkCheck? {
    if let check = found.update({ $0[name] }) { return check }
    guard let path = path(name), let bytes = try? FileSystem.read(path, limit: 1 << 16), bytes.count > 65 else {
      return nil
    }
    let text = Array(bytes.dropLast(65))
    guard SHA256.hex(of: text).utf8.elementsEqual(bytes.suffix(64)) else { return nil }
    let check = NetworkCheck(text: String(decoding: text, as: UTF8.self))
    found.update { $0[name] = check }
    return check
  }

  /// A disk that is full is no reason to fail: it is checked again by whoever comes next.
  func keep(_ check: NetworkCheck, as name: String) {
    found.update { $0[name] = check }
    guard let path = path(name) else { return }
    let text = Array(check.text.utf8)
    try? FileSystem.write(text + Array("\n\(SHA256.hex(of: text))".utf8), to: path)
  }

  /// Says that it is about to be compared; `nil` where nothing can be kept, or another process compares it too.
  func begin(_ name: String, with reference: String) -> ComparisonMark? {
    folder.flatMap { ComparisonMark("\($0)/\(name).comparing", reference: reference) }
  }

  private func path(_ name: String) -> String? { folder.map { "\($0)/\(name).check" } }
}
