public import Base
internal import Crypto

/// What a file with a program of Ridley says of itself, read without running it: it may be for another kind of machine.
public struct ProgramFile: Sendable, Hashable {
  public let program: Bundle.Program

  /// What stands in every program: `ridley-program version=1.4.0 schema=8;`.
  ///
  /// - Throws: `badInput` where the file is no program of Ridley's for Linux.
  public init(_ path: String) throws(Fault) {
    var digest = SHA256()
    var count = 0
    var (rest, facts, head) = ([UInt8](), Facts?.none, [UInt8]())
    try FileSystem.forEachBlock(of: path) { (block) throws(Fault) in
      digest.update(Array(block))
      count += block.count
      if head.count < 20 { head += block.prefix(20) }
      if facts == nil {
        let text = rest + block
        facts = Facts.find(in: text)
        rest = Array(text.suffix(Facts.mostBytes))
      }
    }
    guard let architecture = Self.architecture(head) else {
      throw Fault(.badInput, "\(path) is no program for Linux on x86_64 or aarch64")
    }
    guard let facts else {
      throw Fault(
        .badInput, "\(path) is no 'ridley' that says its version, or one from before nodes could be updated")
    }
    program = Bundle.Program(
      version: facts.version, architecture: architecture, schema: facts.schema,
      blob: Bundle.Blob(digest.finish(), byteCount: count))
  }

  /// Of an ELF file in 64 bits, least byte first.
  private static func architecture(_ head: [UInt8]) -> String? {
    guard head.count >= 20, Array(head.prefix(6)) == [0x7f, 0x45, 0x4c, 0x46, 2, 1] else { return nil }
    return [62: "x86_64", 183: "aarch64"][Int(head[18]) | Int(head[19]) << 8]
  }

  /// Version and schema as they stand in a program.
  public struct Facts: Sendable, Hashable {
    public let version: String
    public let schema: Int

    static let mostBytes = 96
    private static let mark = Array("ridley-program version=".utf8)

    /// `nil` where this is no such text.
    public init?(_ text: String) {
      let words = text.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 3, words[0] == "ridley-program", words[1].hasPrefix("version="),
        words[2].hasPrefix("schema="),
        words[2].hasSuffix(";"), let schema = Int(words[2].dropFirst(7).dropLast()), schema > 0
      else { return nil }
      let version = words[1].dropFirst(8)
      guard PlainName.isValid(String(version)) else { return nil }
      (self.version, self.schema) = (String(version), schema)
    }

    static func find(in bytes: [UInt8]) -> Facts? {
      var start = 0
      while let place = bytes.firstRange(of: mark, from: start) {
        let text = bytes[place.lowerBound...].prefix(mostBytes)
        if let end = text.firstIndex(of: UInt8(ascii: ";")),
          let facts = Facts(String(decoding: text[...end], as: UTF8.self))
        {
          return facts
        }
        start = place.upperBound
      }
      return nil
    }
  }
}
