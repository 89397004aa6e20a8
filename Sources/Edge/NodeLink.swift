/// What a node's link to its centre may carry, for all that the node sends and fetches together; any thread.
public protocol NodeLink: Sendable {
  /// Bytes a second; `nil` where there is no limit.
  var rate: Int? { get }
  /// Bytes of one message, so that what is more urgent does not wait for long behind it.
  var chunk: Int { get }

  /// Waits until something may go; `false` where the node ends.
  func wait() -> Bool

  /// So many bytes went and came, without what is around them on the wire.
  func spend(sent: Int, received: Int)
}
