internal import Base
internal import Items

/// Follows what a library's changes mean to a client, which loses none: its position only moves with what it took.
struct ChangeFollower: Feed.Follower {
  /// What is new behind a position, as text of server-sent events.
  struct Page {
    let text: [UInt8]
    let position: ChangePosition
    /// More is there already.
    let hasMore: Bool
  }

  typealias Read = @Sendable (ChangePosition) throws(Fault) -> Page

  let interval: UInt64 = 200_000_000
  private let read: Read
  private let isOver: @Sendable () -> Bool
  private var position: ChangePosition
  private var next: ChangePosition

  /// Behind a position; `isOver` says that nothing is written any more that it would hear of.
  init(
    after position: ChangePosition, isOver: @escaping @Sendable () -> Bool = { false }, read: @escaping Read
  ) {
    (self.position, next, self.isOver, self.read) = (position, position, isOver, read)
  }

  /// What a stream of it begins with.
  var head: [UInt8] { Array(": \(position.text)\n\n".utf8) }

  mutating func look(upTo last: ChangePosition?) throws(Fault) -> Feed.News {
    let isOver = isOver()
    // Where nothing was written there is nothing to read.
    if position == last, !isOver { return Feed.News() }
    let page = try read(position)
    next = page.position
    let isLast = isOver && page.text.isEmpty && !page.hasMore
    return Feed.News(text: isLast ? Feed.ended : page.text, hasMore: page.hasMore, isLast: isLast)
  }

  mutating func wasTaken() { position = next }
}
