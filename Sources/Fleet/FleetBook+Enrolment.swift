public import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Store

/// How nodes come into the fleet, and how they leave it.
extension FleetBook {
  /// Makes a token for a node that is not there, or was revoked; one for the same name that nobody has used yet is worth nothing from then on.
  ///
  /// The word is told this once. The fault is `conflict` where a node of that name is enrolled, and where the name is another client's: of a node,
  /// also one that was revoked, or of a token that can still be used.
  public func makeToken(_ request: TokenRequest, pin: [UInt8]) throws(Fault) -> (token: EnrolmentToken, word: TokenWord)
  {
    guard TokenRequest.seconds.contains(request.seconds) else {
      throw Fault(.badInput, "a token can be used for a minute to 30 days")
    }
    try AssetGroup.check(client: request.client)
    var wanted = request
    (wanted.groups, wanted.tags) = (
      try NodeWords.checked(request.groups, "group"), try NodeWords.checked(request.tags, "tag")
    )
    try library.admit(request.client)
    let secret = (0..<TokenWord.secretByteCount).map { _ in UInt8.random(in: 0 ... .max) }
    let token = EnrolmentToken(wanted, secret: secret, at: library.now)
    try library.change("the token for '\(request.name.text)'") { () throws(Fault) in
      let keys = [LibraryKeys.fleetNode(request.name.text), LibraryKeys.fleetToken(request.name.text)]
      let found = try library.table.get(keys)
      if let node = try found[0].map({ (item) throws(Fault) in try FleetNode(item) }) {
        guard node.client == request.client else { throw Self.isOthers(request.name) }
        guard node.state != .enrolled else { throw Self.isEnrolled(request.name) }
      }
      if let open = try found[1].map({ (item) throws(Fault) in try EnrolmentToken(item) }) {
        let isOver = open.usedBy != nil || library.now >= open.expires
        guard isOver || open.client == request.client else { throw Self.isOthers(request.name) }
      }
      let conditions = found.map { $0.map { Write.Condition.version($0.version) } ?? .absent }
      return ([.put(keys[1], token.json, if: conditions[1]), .check(keys[0], if: conditions[0])], ())
    }
    return (token, TokenWord(name: request.name, secret: secret, pin: pin))
  }

  /// Lets in who holds a key, by a token that nobody has used, and gives the node that it is from then on.
  ///
  /// Once more with the same key gives the same node, so an answer that got lost can be asked for again. `denied` for a token that is unknown,
  /// over, or used by another, and for a key that was revoked; `conflict` where a node of that name is enrolled with another key.
  public func enrol(_ name: NodeName, secret: [UInt8], fingerprint: String) throws(Fault) -> FleetNode {
    try library.change("the node '\(name.text)'") { () throws(Fault) -> (writes: [Write], result: FleetNode) in
      let keys = [
        LibraryKeys.fleetNode(name.text), LibraryKeys.fleetToken(name.text), LibraryKeys.fleetKey(fingerprint),
      ]
      let found = try library.table.get(keys)
      let old = try found[0].map { (item) throws(Fault) in try FleetNode(item) }
      if found[2] != nil {
        guard let old, old.state == .enrolled, old.fingerprint == fingerprint else { throw Self.revokedKey(name) }
        return ([], old)
      }
      var token = try usable(found[1], secret, of: name)
      guard try library.isOpen(token.client) else {
        throw Fault(.denied, "the client '\(token.client)', whose node '\(name.text)' would be, is not there any more")
      }
      guard old?.state != .enrolled else { throw Self.isEnrolled(name) }
      token.usedBy = fingerprint
      let node = FleetNode(
        name: name, client: token.client, groups: token.groups, tags: token.tags, fingerprint: fingerprint,
        enrolled: library.now)
      let condition = found[0].map { Write.Condition.version($0.version) } ?? .absent
      return (
        [
          .put(keys[0], node.json, if: condition), .put(keys[1], token.json, if: .version(found[1]!.version)),
          .put(keys[2], JSONWriter.object(capacity: 64) { $0.field("node", name.text) }, if: .absent),
          .delete(LibraryKeys.fleetStatus(name.text)), .delete(LibraryKeys.fleetLog(name.text)),
          .delete(LibraryKeys.fleetCopy(name.text)), Self.changed,
        ], node
      )
    }
  }

  private func usable(_ item: Item?, _ secret: [UInt8], of name: NodeName) throws(Fault) -> EnrolmentToken {
    let again = "make one with 'ridley edge token --for \(name.text)' at the centre"
    guard let token = try item.map({ (item) throws(Fault) in try EnrolmentToken(item) }), token.isOf(secret) else {
      throw Fault(
        .denied,
        "this token for '\(name.text)' is not known here: a newer one took its place, or it is another centre's; \(again)"
      )
    }
    guard token.usedBy == nil else {
      throw Fault(.denied, "this token for '\(name.text)' was used already, by another key: \(again)")
    }
    guard library.now < token.expires else {
      throw Fault(
        .denied,
        "this token for '\(name.text)' could be used until \(CompositeKey.time(milliseconds: token.expires)): \(again)")
    }
    return token
  }

  /// Has a node's key open nothing any more, nor a token for its name, and ends its events that are open; gives the node.
  ///
  /// One that is revoked already stays so; what a revoking that was interrupted left open is ended.
  /// `notFound` where there is neither a node nor a token of that name.
  public func revoke(_ name: NodeName) throws(Fault) -> FleetNode? {
    let node = try shutOut(name)
    // From here on nothing of it is taken that could open one anew.
    if let node { try endEvents(ofRevoked: [node]) }
    return node
  }

  private func shutOut(_ name: NodeName) throws(Fault) -> FleetNode? {
    try library.change("the node '\(name.text)'") { () throws(Fault) -> (writes: [Write], result: FleetNode?) in
      let keys = [LibraryKeys.fleetNode(name.text), LibraryKeys.fleetToken(name.text)]
      let found = try library.table.get(keys)
      guard found[0] != nil || found[1] != nil else { throw Self.none(name) }
      var writes = found[1].map { [Write.delete(keys[1], if: .version($0.version))] } ?? []
      guard let item = found[0] else { return (writes, nil) }
      var node = try FleetNode(item)
      if node.state == .enrolled {
        (node.state, node.revoked) = (.revoked, library.now)
        writes += [.put(keys[0], node.json, if: .version(item.version)), Self.changed]
      }
      return (writes, node)
    }
  }

  /// Puts other groups and tags on a node; `nil` leaves those that it has.
  public func label(_ name: NodeName, groups: [String]?, tags: [String]?) throws(Fault) -> FleetNode {
    let groups = try groups.map { (words) throws(Fault) in try NodeWords.checked(words, "group") }
    let tags = try tags.map { (words) throws(Fault) in try NodeWords.checked(words, "tag") }
    return try library.change("the node '\(name.text)'") { () throws(Fault) in
      let key = LibraryKeys.fleetNode(name.text)
      guard let item = try library.table.get(key) else { throw Self.none(name) }
      var node = try FleetNode(item)
      (node.groups, node.tags) = (groups ?? node.groups, tags ?? node.tags)
      return ([.put(key, node.json, if: .version(item.version)), Self.changed], node)
    }
  }

  private static var changed: Write { .put(LibraryKeys.fleetRevision, JSONWriter.object { _ in }) }

  public static func none(_ name: NodeName) -> Fault {
    Fault(.notFound, "there is no node '\(name.text)'; see 'ridley edge list'")
  }

  private static func isEnrolled(_ name: NodeName) -> Fault {
    Fault(
      .conflict,
      "a node '\(name.text)' is enrolled: revoke it first ('ridley edge revoke \(name.text)'), or choose another name")
  }

  private static func isOthers(_ name: NodeName) -> Fault {
    Fault(
      .conflict,
      "the name '\(name.text)' is taken by a node of another client, or by a token for one: choose another name")
  }

  private static func revokedKey(_ name: NodeName) -> Fault {
    Fault(.denied, "this key was revoked, or is another node's: it is not enrolled as '\(name.text)'")
  }
}
