internal import Base
internal import YAML

extension YAMLValue {
  private enum SecretKey: String, CaseIterable { case secret }

  /// A name that platforms take for one of theirs (RFC 1123): small letters, digits and `-` inside.
  func label(most: Int) throws(Fault) -> String {
    let text = try text()
    guard Self.isLabel(text, most: most) else {
      throw fault(
        "'\(text)' cannot be \(what): expected small letters, digits and '-', a letter in front, \(most) at most")
    }
    return text
  }

  static func isLabel(_ text: String, most: Int) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7a).contains(first), text.utf8.last != 0x2d else { return false }
    return text.utf8.count <= most
      && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
  }

  /// A path from the root, of signs that no platform reads anything into.
  static func isPlace(_ text: String) -> Bool {
    text.hasPrefix("/") && text.utf8.count > 1
      && text.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
          || "/._-".utf8.contains($0)
      }
  }

  /// `registry/name:tag` or `registry/name@sha256:…`.
  func image() throws(Fault) -> String {
    let text = try text()
    let isPlain = text.utf8.allSatisfy {
      (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
        || "._-/:@".utf8.contains($0)
    }
    let name = text.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard isPlain, text.utf8.count <= 300, !text.isEmpty, !name.isEmpty else {
      throw fault("'\(text)' is no name of an image, expected e.g. registry.example.org/vision/ridley@sha256:…")
    }
    guard name.contains(":") else {
      throw fault(
        "'\(text)' says neither a digest nor a tag, so what runs would change by itself: expected \(text)@sha256:…")
    }
    return text
  }

  /// Whole MiB of a size such as `4GiB`.
  func mebibytes(from least: Int, to most: Int = 16 << 20) throws(Fault) -> Int {
    try bytes(in: least << 20...most << 20) >> 20
  }

  /// Where a part of a library is: an address without a secret, or the variable that has it, `{secret: env:NAME}`.
  func address(_ schemes: [String]) throws(Fault) -> RenderedSite.Address {
    if case .map = node.kind { return .variable(try fields(SecretKey.self).required(.secret).variable()) }
    let text = try text()
    if AddressSecret.hasPassword(text) {
      throw fault(
        "the address of \(what) has a password in it, and no secret stands in a blueprint: {secret: env:RIDLEY_\(what.uppercased())}"
      )
    }
    guard schemes.contains(where: { text.hasPrefix($0) }),
      text.unicodeScalars.allSatisfy({ $0.value > 0x20 && !"{}".unicodeScalars.contains($0) })
    else {
      let words = Diagnostics.list(schemes.map { $0 + "…" } + ["{secret: env:NAME}"])
      throw fault("'\(text)' is no address for \(what), expected \(words)")
    }
    return .plain(text)
  }

  private func variable() throws(Fault) -> String {
    let text = try text()
    guard text.hasPrefix("env:"), Self.isVariable(text.dropFirst(4)) else {
      throw fault(
        "'\(text)' cannot be rendered, because containers are given variables: expected env:NAME, of capital letters, digits and '_'"
      )
    }
    return String(text.dropFirst(4))
  }

  /// The name of a variable of the environment.
  func variableName() throws(Fault) -> String {
    let text = try text()
    guard Self.isVariable(text[...]) else {
      throw fault("'\(text)' cannot be \(what): expected capital letters, digits and '_', no digit in front")
    }
    return text
  }

  private static func isVariable(_ name: Substring) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
  }

  /// A range of addresses: `10.1.0.0/16`, `fd00::/64`.
  func addressRange() throws(Fault) -> String {
    let text = try text()
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isV6 = text.contains(":")
    let hex = "0123456789abcdefABCDEF:".utf8
    let isAddress =
      isV6
      ? parts[0].utf8.allSatisfy { hex.contains($0) }
      : parts[0].split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }.count == 4
    guard parts.count == 2, isAddress, let bits = Int(parts[1]), (0...(isV6 ? 128 : 32)).contains(bits) else {
      throw fault("'\(text)' is no range of addresses for \(what), expected e.g. 10.1.0.0/28")
    }
    return text
  }

  /// `1920x1080`.
  func pictureSize() throws(Fault) -> Size {
    let text = try text()
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1], (1...65_536).contains(width),
      (1...65_536).contains(height)
    else { throw fault("'\(text)' is no size of a picture, expected e.g. 1920x1080") }
    return Size(width: width, height: height)
  }
}
