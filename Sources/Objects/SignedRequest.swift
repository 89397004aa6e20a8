public import Base
internal import Crypto

/// What a webhook's receiver is sent, signed as Standard Webhooks has it (github.com/standard-webhooks).
public enum SignedRequest {
  /// Faults are `badInput`: an address that is none, or that shows a password.
  public static func check(_ address: String) throws(Fault) {
    let rest = address.hasPrefix("https://") ? address.dropFirst(8) : address.dropFirst(7)
    let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let isPlain = address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    guard address.hasPrefix("https://") || address.hasPrefix("http://"), isPlain, !host.isEmpty,
      address.utf8.count <= 2000
    else {
      throw Fault(
        .badInput, "that is no http or https address of at most 2000 visible characters: '\(address.prefix(60))'")
    }
    guard !host.contains("@") else {
      throw Fault(.badInput, "an address that is asked names no user and no password: they would be kept with it")
    }
  }

  /// Faults are `badInput`: what Standard Webhooks does not take as a secret, which is not shown.
  public static func check(secret: String) throws(Fault) {
    let key = secret.hasPrefix("whsec_") ? Base64.decode(String(secret.dropFirst("whsec_".count))) : nil
    guard let key, (24...64).contains(key.count) else {
      let found = key.map { " and not \($0.count)" } ?? ""
      throw Fault(
        .badInput,
        "a webhook's secret is whsec_ and base 64 of 24 to 64 bytes\(found): 'echo whsec_$(openssl rand -base64 32)' makes one, and without one a new one is made"
      )
    }
  }

  /// A new secret, `whsec_` and 24 random bytes in base 64.
  public static func secret() -> String {
    var random = SystemRandomNumberGenerator()
    return "whsec_" + Base64.encode((0..<24).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  /// What a receiver is told at a moment in seconds since 1970.
  ///
  /// `id` stays the same however often it is told, so that a receiver can leave out what it has seen; the code is of id, moment and body.
  public static func make(
    to address: String, id: String, at date: Int, secret: String, body: [UInt8]
  ) -> ServerRequest {
    var request = ServerRequest("POST", address)
    request.headers = [
      ("Content-Type", "application/json"), ("webhook-id", id), ("webhook-timestamp", "\(date)"),
      ("webhook-signature", signature(of: body, id: id, date: date, secret: secret)),
    ]
    request.body = .bytes(body)
    return request
  }

  /// `v1,` and the code of id, moment and body.
  static func signature(of body: [UInt8], id: String, date: Int, secret: String) -> String {
    let key = Base64.decode(String(secret.dropFirst("whsec_".count))) ?? []
    return "v1," + Base64.encode(HMACSHA256.code(of: Array("\(id).\(date).".utf8) + body, key: key))
  }

  /// How long a receiver has in all, from its name to the end of its answer.
  public static var limits: ServerConnection.Limits {
    var limits = ServerConnection.Limits()
    (limits.connectSeconds, limits.stallSeconds, limits.totalSeconds) = (10, 10, 10)
    limits.answerByteCount = 64 << 10
    return limits
  }
}
