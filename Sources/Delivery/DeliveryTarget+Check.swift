internal import Base
internal import Catalog
internal import Objects

extension DeliveryTarget {
  /// Faults are `badInput`, and show no secret.
  func check() throws(Fault) {
    guard PlainName.isValid(name) else {
      throw Fault(
        .badInput, "a target's name has 1 to 64 letters, digits, '-', '_' and '.', and does not begin with '.'")
    }
    try selection.check()
    switch kind {
    case .webhook:
      try SignedRequest.check(address)
      if let secret = credentials.secret { try SignedRequest.check(secret: secret) }
      guard credentials.user == nil, credentials.password == nil else {
        throw Fault(.badInput, "a webhook has a secret, and no user and no password")
      }
    case .mqtt:
      _ = try BrokerAddress(address)
      guard credentials.secret == nil else {
        throw Fault(.badInput, "a broker is told a user and a password, and has no secret")
      }
      try checkTopic()
    }
  }

  private func checkTopic() throws(Fault) {
    let isPlain = topic.utf8.allSatisfy {
      $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "+")
    }
    guard isPlain, (1...200).contains(topic.utf8.count), topic.first != "/", topic.last != "/", topic.first != "$"
    else {
      throw Fault(
        .badInput,
        "a topic has 1 to 200 characters without '#' and '+', does not begin with '$', and has no '/' at an end")
    }
  }
}

extension DeliveryTarget.Selection {
  private static let most = 100

  func check() throws(Fault) {
    guard !phases.isEmpty, !phases.contains(.test) else {
      throw Fault(.badInput, "a target is told of at least one phase: start, update, end")
    }
    for words in [streams, rules, labels] {
      guard words.count <= Self.most, words.allSatisfy({ (1...200).contains($0.utf8.count) }) else {
        throw Fault(.badInput, "a target names at most \(Self.most) streams, rules or labels, of 200 bytes each")
      }
    }
  }
}
