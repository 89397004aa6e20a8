public import Base

/// How many bytes each owner may store, and how many it does: a value, for the one who keeps it to hold and to write down.
///
/// Bytes are promised when their writing begins, so that ten uploads at a time do not each see the same space, and stored when it ends.
/// Bytes that two owners share count for both: what one stores never shows in what another may.
public struct ByteQuota: Sendable, Hashable {
  public struct Account: Sendable, Hashable {
    /// `nil` for any number.
    public var limit: Int?
    public var stored = 0
    public var promised = 0

    /// What may still be promised.
    public var free: Int? { limit.map { max(0, $0 - stored - promised) } }
  }

  public private(set) var accounts: [String: Account] = [:]
  /// For owners that have no limit of their own.
  public var usualLimit: Int?

  public init(usualLimit: Int? = nil) { self.usualLimit = usualLimit }

  public subscript(_ owner: String) -> Account { accounts[owner] ?? Account(limit: usualLimit) }

  public mutating func limit(_ owner: String, to bytes: Int?) {
    var account = self[owner]
    account.limit = bytes
    accounts[owner] = account
  }

  /// Sets bytes aside; refused as `exhausted` where the owner has not so many left.
  public mutating func promise(_ byteCount: Int, to owner: String) throws(Fault) {
    precondition(byteCount >= 0, "fewer than no bytes")
    var account = self[owner]
    if let free = account.free, byteCount > free {
      throw Fault(
        .exhausted,
        "\(byteCount) bytes are more than the \(free) that may still be stored of \(account.limit!): remove something first"
      )
    }
    account.promised += byteCount
    accounts[owner] = account
  }

  /// Ends a promise: `stored` of its bytes stay, none where the writing failed.
  public mutating func settle(_ byteCount: Int, of owner: String, stored: Int) {
    var account = self[owner]
    account.promised = max(0, account.promised - byteCount)
    account.stored += stored
    accounts[owner] = account
  }

  /// The owner stores these bytes no longer.
  public mutating func release(_ byteCount: Int, of owner: String) {
    var account = self[owner]
    account.stored = max(0, account.stored - byteCount)
    accounts[owner] = account
  }
}
