internal import Base
internal import Crypto

/// How a camera is told who asks (RFC 7616 and 7617): by digest where it offers that, else in the open.
struct RTSPLogin: Sendable, Hashable {
  private enum Scheme: Sendable, Hashable { case basic, digest }

  private let user: String
  private let password: String
  private let scheme: Scheme
  private let realm: String
  let nonce: String
  /// The camera takes the password, and asks for it with another number.
  let isStale: Bool
  private let opaque: String?
  /// `SHA-256`, else MD5.
  private let isStrong: Bool
  private let hasQuality: Bool
  private var count = 0

  /// From what the camera's answer asks for; `nil` where none of it is known.
  init?(_ challenges: [String], user: String, password: String) {
    let read = challenges.map { (scheme: $0.prefix { $0 != " " }.lowercased(), values: Self.values($0)) }
    let digests = read.filter { one in
      one.scheme == "digest" && ["MD5", "SHA-256"].contains(one.values["algorithm"]?.uppercased() ?? "MD5")
    }
    let strong = digests.first { $0.values["algorithm"]?.uppercased() == "SHA-256" }
    guard let chosen = strong ?? digests.first ?? read.first(where: { $0.scheme == "basic" }) else { return nil }
    scheme = chosen.scheme == "basic" ? .basic : .digest
    (realm, nonce) = (chosen.values["realm"] ?? "", chosen.values["nonce"] ?? "")
    opaque = chosen.values["opaque"]
    isStale = chosen.values["stale"]?.lowercased() == "true"
    isStrong = strong != nil
    hasQuality = chosen.values["qop"]?.split(whereSeparator: { ", ".contains($0) }).contains("auth") ?? false
    (self.user, self.password) = (user, password)
  }

  /// What a request carries; `random` is a number that is used once.
  mutating func header(method: String, address: String, random: UInt64) -> String {
    guard scheme == .digest else { return "Basic " + Base64.encode(Array("\(user):\(password)".utf8)) }
    let secret = digest("\(user):\(realm):\(password)")
    let request = digest("\(method):\(address)")
    var text = "Digest username=\"\(user)\", realm=\"\(realm)\", nonce=\"\(nonce)\", uri=\"\(address)\""
    if hasQuality {
      count += 1
      let number = String(count, radix: 16)
      let padded = String(repeating: "0", count: max(0, 8 - number.count)) + number
      let own = String(random, radix: 16)
      let response = digest("\(secret):\(nonce):\(padded):\(own):auth:\(request)")
      text += ", response=\"\(response)\", qop=auth, nc=\(padded), cnonce=\"\(own)\""
    } else {
      text += ", response=\"\(digest("\(secret):\(nonce):\(request)"))\""
    }
    if isStrong { text += ", algorithm=SHA-256" }
    if let opaque { text += ", opaque=\"\(opaque)\"" }
    return text
  }

  private func digest(_ text: String) -> String {
    isStrong ? SHA256.hex(of: Array(text.utf8)) : MD5.hex(of: Array(text.utf8))
  }

  /// `Digest realm="a, b", nonce=c` as names in small letters and values without quotes.
  private static func values(_ challenge: String) -> [String: String] {
    var (values, name, value, isQuoted, hasValue) = ([String: String](), "", "", false, false)
    func note() {
      let key = name.filter { $0 != " " }.lowercased()
      if hasValue, !key.isEmpty { values[key] = value }
    }
    for letter in challenge.drop(while: { $0 != " " }) + "," {
      switch letter {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        note()
        (name, value, hasValue) = ("", "", false)
      case "=" where !hasValue: hasValue = true
      case " " where !isQuoted: continue
      default: if hasValue { value.append(letter) } else { name.append(letter) }
      }
    }
    return values
  }
}
