public import Base
internal import JSON
internal import Objects

/// The way to the centre over the node's connection, within what the link may carry.
public struct CentreLink: LedgerLink {
  private let connection: @Sendable () -> CentreConnection?
  private let budget: LinkBudget

  /// `connection` gives the one that holds now; `nil` until the node is enrolled.
  public init(_ budget: LinkBudget, connection: @escaping @Sendable () -> CentreConnection?) {
    (self.connection, self.budget) = (connection, budget)
  }

  public func send(_ batch: [UInt8]) throws(Fault) -> [UInt8] {
    try Self.body(answer("POST", "/v1/edge/ledger", [("Content-Type", "application/x-ndjson")], batch))
  }

  private enum Key: String, CaseIterable { case offset, whole }

  public func put(_ bytes: [UInt8], of digest: String, at offset: Int, total: Int) throws(Fault) -> BlobInbox.State {
    let headers = [
      ("Content-Type", "application/octet-stream"), ("Ridley-Offset", String(offset)), ("Ridley-Total", String(total)),
    ]
    let found = try answer("PUT", "/v1/edge/blobs/\(digest)", headers, bytes)
    if found.status == 507 { return .refused(CentreConnection.fault(found).message) }
    let answer = try Self.body(found)
    let document = try JSONDocument(parsing: answer.span.bytes, name: "the centre's answer to a piece of an object")
    let fields = try document.root.fields(Key.self, others: .ignored)
    return try fields.required(.whole).bool() ? .whole : .part(try fields.required(.offset).integer(in: 0...total))
  }

  public func put(_ pack: BlobPack) throws(Fault) -> [BlobInbox.State]? {
    let found = try answer("POST", "/v1/edge/blobs", [("Content-Type", "application/octet-stream")], pack.bytes)
    // A centre of an older version has no such place.
    guard found.status != 404 else { return nil }
    return try BlobPackAnswer(Self.body(found), of: pack.blobs.count).states
  }

  private static func body(_ answer: ServerAnswer) throws(Fault) -> [UInt8] {
    guard (200...299).contains(answer.status) else { throw CentreConnection.fault(answer) }
    return answer.body
  }

  private func answer(
    _ method: String, _ path: String, _ headers: [(name: String, value: String)], _ body: [UInt8]
  ) throws(Fault) -> ServerAnswer {
    guard let connection = connection() else {
      throw Fault(.unavailable, "this node is not enrolled with its centre yet")
    }
    guard budget.wait() else { throw Fault(.closed, "the node ends") }
    let fields = headers.reduce(path.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    let head = Self.headByteCount + fields
    var went = 0
    let answer: ServerAnswer
    do throws(Fault) {
      answer = try connection.ask(
        method, path, headers: headers, body: .bytes(body),
        goesOn: { [budget] count in
          went = count
          return !budget.isOver
        })
    } catch {
      if went > 0 { budget.spend(sent: Self.handshake.sent + head + went, received: Self.handshake.received) }
      throw error
    }
    budget.spend(sent: head + body.count, received: Self.headByteCount + answer.body.count)
    return answer
  }

  /// About what a head has beside the fields that are named here.
  private static let headByteCount = 180
  /// About what greeting anew takes, which has to be done behind a message that failed.
  private static let handshake = (sent: 1500, received: 1500)
}
