internal import Base
internal import Catalog
internal import Items
internal import Search

/// Follows what the search of a link finds in live streams.
///
/// A position among the changes of all clients is no business of whoever has a link: its events have no ids, and a stream that was interrupted begins
/// with what comes then.
struct SharedFollower: Feed.Follower {
  let interval: UInt64 = 200_000_000
  static let head = Array(": what comes in is told\n\n".utf8)

  private let desk: ShareDesk
  private let listener: SharedListener
  private let fields: Set<Moment.Field>
  private var position: ChangePosition
  private var next: ChangePosition
  /// What was told, and what is told with the next bytes that are taken: first moments.
  private var told: Set<String> = []
  private var telling: [String] = []
  private var count = 0

  /// First moments that are remembered as told.
  private static let most = 10_000

  init(_ desk: ShareDesk, _ listener: SharedListener) {
    (self.desk, self.listener, fields) = (desk, listener, Set(listener.share.fields))
    (position, next) = (listener.position, listener.position)
  }

  mutating func look(upTo last: ChangePosition?) throws(Fault) -> Feed.News {
    (next, telling) = (position, [])
    if position == last { return Feed.News() }
    let news = try desk.news(for: listener, after: position)
    next = news.position
    var text: [UInt8] = []
    for chain in news.found where !told.contains(chain[0].id) && !telling.contains(chain[0].id) {
      telling.append(chain[0].id)
      text += Array("event: found\ndata: ".utf8)
      text += JSONWriter.object { json in json.field("found") { SharedAnswer.write(chain, fields, into: &$0) } }
      text += Array("\n\n".utf8)
    }
    return Feed.News(text: text, hasMore: news.hasMore)
  }

  mutating func wasTaken() {
    position = next
    guard !telling.isEmpty else { return }
    if told.count > Self.most { told = [] }
    told.formUnion(telling)
    count += telling.count
    telling = []
    // What a use showed may be noted late; that there was one stands there.
    try? desk.note(count, to: listener)
  }
}
