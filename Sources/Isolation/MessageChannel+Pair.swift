public import Base
internal import CProcess

extension MessageChannel {
  /// A channel beside the first one, over which a child asks: this process's end, and the descriptor of the child's, which is handed to it and closed here.
  public static func pair() throws(Fault) -> (channel: MessageChannel, childEnd: Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe ridley_channel(&ends) == 0 else { throw Fault(.unavailable, "there are no file descriptors left") }
    return (MessageChannel(ends[0], isParent: true), ends[1])
  }

  /// The child's end, of a descriptor that it was handed.
  public convenience init(owning descriptor: Int32) { self.init(descriptor, isParent: false) }
}
