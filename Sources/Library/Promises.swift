public import Base
internal import Catalog
internal import Items
internal import Objects
internal import Store

/// Bytes that are set aside for a client while they are written; ends with the value.
///
/// Within one process: two processes that add for one client at the same moment may together go over its limit by what one of them writes.
public final class BytePromise: Sendable {
  private let settle: @Sendable () -> Void

  init(_ settle: @escaping @Sendable () -> Void) { self.settle = settle }

  deinit { settle() }
}

extension Library {
  /// Asks for room within the client's limit before the first byte is written.
  ///
  /// The fault is `exhausted`.
  public func promise(_ byteCount: Int, to client: String) throws(Fault) -> BytePromise {
    try admission.update { (_: inout Void) throws(Fault) in try admit(byteCount, to: client) }
  }

  /// As ``promise(_:to:)``, for a caller that has the turn of ``admission``.
  func admit(_ byteCount: Int, to client: String) throws(Fault) -> BytePromise {
    guard let limit = try byteLimit(of: client) else { return BytePromise {} }
    let stored = try storedByteCount(of: client) + uploads.promisedByteCount(to: client)
    try promises.update { (quota) throws(Fault) in
      let others = quota[client].promised
      guard stored + others + byteCount <= limit else {
        throw Fault(
          .exhausted,
          "\(byteCount) bytes are more than the \(max(0, limit - stored - others)) that the client '\(client)' may still store of \(limit): delete something first, or raise the limit (ridley client limit)"
        )
      }
      try quota.promise(byteCount, to: client)
    }
    return promised(byteCount, to: client)
  }

  /// Sets aside bytes that lie on the disk already, whatever the client may store.
  public func setAside(_ byteCount: Int, for client: String) throws(Fault) -> BytePromise {
    try promises.update { (quota) throws(Fault) in try quota.promise(byteCount, to: client) }
    return promised(byteCount, to: client)
  }

  /// What ends with the value, of what is set aside already.
  private func promised(_ byteCount: Int, to client: String) -> BytePromise {
    let promises = promises
    return BytePromise { promises.update { $0.settle(byteCount, of: client, stored: 0) } }
  }

  /// What a client may still store; `nil` where only the disk limits it.
  func freeByteCount(of client: String) throws(Fault) -> Int? {
    guard let limit = try byteLimit(of: client) else { return nil }
    let stored = try storedByteCount(of: client) + uploads.promisedByteCount(to: client)
    return max(0, limit - stored)
  }

  func checkRoom(_ byteCount: Int, of client: String) throws(Fault) {
    withExtendedLifetime(try promise(byteCount, to: client)) {}
  }

  private func byteLimit(of client: String) throws(Fault) -> Int? {
    try table.get(LibraryKeys.client(client)).flatMap { (item) throws(Fault) in try Client(item).byteLimit }
  }

  /// Bytes of the client's assets, and of pictures of events and analyses that nodes forwarded; bytes that several of them share count for each.
  public func storedByteCount(of client: String) throws(Fault) -> Int {
    try settle()
    let key = TotalName(AssetGroup(client: client), .assets).key
    return try table.get(key).map { (item) throws(Fault) in try Total(item).sum } ?? 0
  }
}
