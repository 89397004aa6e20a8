public import Base
internal import Glibc

/// Addresses with the same beginning: `10.0.0.0/8`, `fd00::/8`; one address where no length is said.
///
/// An IPv4 address that IPv6 carries (`::ffff:10.0.0.1`) is that IPv4 address.
public struct AddressRange: Sendable, Hashable {
  private let bytes: [UInt8]
  private let bits: Int

  public init(text: String) throws(Fault) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let bytes = Self.bytes(of: parts[0]) else { throw Self.fault(text) }
    guard parts.count == 2 else {
      (self.bytes, bits) = (bytes, 8 * bytes.count)
      return
    }
    guard let bits = Int(parts[1]), String(bits) == parts[1], (0...8 * bytes.count).contains(bits) else {
      throw Self.fault(text)
    }
    let first = bytes.indices.map { bytes[$0] & Self.mask(bits, at: $0) }
    guard first == bytes else {
      throw Fault(
        .usage,
        "'\(text)' begins in the middle of its range: write \(Peer.text(first))/\(bits), or the one address alone")
    }
    (self.bytes, self.bits) = (bytes, bits)
  }

  /// Whether an address of 4 or 16 bytes is one of these.
  func contains(_ address: [UInt8]) -> Bool {
    address.count == bytes.count && address.indices.allSatisfy { address[$0] & Self.mask(bits, at: $0) == bytes[$0] }
  }

  /// 4 or 16 bytes; `nil` for what is no address.
  static func bytes(of text: String) -> [UInt8]? {
    var room = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, text, &room) == 1 { return Array(room[..<4]) }
    guard unsafe inet_pton(AF_INET6, text, &room) == 1 else { return nil }
    return Peer.plain(room)
  }

  private static func mask(_ bits: Int, at index: Int) -> UInt8 {
    let left = max(0, min(8, bits - 8 * index))
    return UInt8(truncatingIfNeeded: 0xff00 >> left)
  }

  private static func fault(_ text: String) -> Fault {
    Fault(.usage, "'\(text)' is no address or range of them, expected e.g. 127.0.0.1, 10.0.0.0/8 or fd00::/8")
  }
}

extension [AddressRange] {
  /// Who sent a request: the peer of its connection, unless that is one of these, which say for whom they pass it on.
  ///
  /// Each proxy adds to `X-Forwarded-For`, at the end, whom it got the request from. So it is read from its end for as long as what stands there
  /// is a proxy of these; anything further to the left is whatever the client wrote. What is no address ends it: the proxy that passed
  /// it on then counts as the client.
  func client(of fields: HeaderFields, from peer: Peer) -> Peer {
    guard !isEmpty else { return peer }
    var client = peer
    var words = fields.all("x-forwarded-for").flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
    while contains(where: { $0.contains(client.bytes) }), let word = words.popLast() {
      guard let bytes = AddressRange.bytes(of: Self.address(word)) else { break }
      client = Peer(bytes)
    }
    return client
  }

  /// Whether one of these is the peer, and says in `X-Forwarded-Proto` that its client came over TLS; the first of several is the client's.
  func sayHTTPS(_ fields: HeaderFields, from peer: Peer) -> Bool {
    guard contains(where: { $0.contains(peer.bytes) }) else { return false }
    let words = fields.first("x-forwarded-proto")?.split(separator: ",", omittingEmptySubsequences: false)
    return words?.first?.drop { $0 == " " }.lowercased() == "https"
  }

  /// Some proxies add the port: `192.0.2.7:4711`, `[2001:db8::7]:4711`.
  private static func address(_ word: Substring) -> String {
    let text = word.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
    if text.hasPrefix("[") { return String(text.dropFirst().prefix { $0 != "]" }) }
    let isIPv4WithPort = text.contains(".") && text.count { $0 == ":" } == 1
    return String(isIPv4WithPort ? text.prefix { $0 != ":" } : text)
  }
}
