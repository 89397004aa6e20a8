import Base
import Glibc

/// Words of a command line and names of files as text, whatever bytes they are.
///
/// The system's names are bytes. What is UTF-8 stands as it is; every other byte becomes one character of a private range
/// (U+EF80 to U+EFFF), and so do the bytes of these characters themselves: ``bytes(of:)`` gives back exactly what was there.
enum FileName {
  private static let first: UInt32 = 0xEF80
  private static let range = first...first + 0x7F

  static func text(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !isForeign(text) { return text }
    var (text, rest) = ("", bytes[...])
    while !rest.isEmpty {
      let whole = (1...4).lazy.compactMap { String(validating: rest.prefix($0), as: UTF8.self) }.first
      let length = whole?.utf8.count ?? 1
      if let whole, !isForeign(whole) {
        text += whole
      } else {
        for byte in rest.prefix(length) { text.unicodeScalars.append(escape(byte)) }
      }
      rest = rest.dropFirst(length)
    }
    return text
  }

  static func bytes(of text: String) -> [UInt8] {
    guard isForeign(text) else { return Array(text.utf8) }
    return text.unicodeScalars.flatMap { scalar -> [UInt8] in
      byte(of: scalar).map { [$0] } ?? Array(String(scalar).utf8)
    }
  }

  /// Whether bytes are in it that are not UTF-8.
  static func isForeign(_ text: String) -> Bool { text.unicodeScalars.contains { range.contains($0.value) } }

  /// For people and reports: `caf\xE9.mp4`.
  static func shown(_ text: String) -> String {
    guard isForeign(text) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
      if let byte = byte(of: scalar) {
        shown += "\\x" + String(byte, radix: 16, uppercase: true)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// What stands there, as ``FileSystem/kind(of:)`` tells it.
  static func kind(of text: String) -> FileSystem.Kind? {
    guard isForeign(text) else { return FileSystem.kind(of: text) }
    var info = stat()
    guard bytes(of: text).withCString({ stat($0, &info) }) == 0 else { return nil }
    return info.st_mode & S_IFMT == S_IFDIR ? .folder : info.st_mode & S_IFMT == S_IFREG ? .file : .other
  }

  private static func escape(_ byte: UInt8) -> Unicode.Scalar { Unicode.Scalar(first + UInt32(byte & 0x7F))! }

  private static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    range.contains(scalar.value) ? UInt8(scalar.value - first) | 0x80 : nil
  }
}

/// What stands on the command line, byte for byte.
enum CommandWords {
  static var all: [String] { Executable.words.map(FileName.text) }
}
