import Base
import Catalog
import Items
import Library
import LibraryKit
import Predictions
import SearchLanguage
import Store
import TestKit

@testable import Search

/// What comes in while alerts and links look at it, and what these tell.
extension SearchFixture {
  /// Ends an event that is open.
  func end(_ event: StreamEvent) throws {
    var event = event
    (event.state, event.ending, event.to) = (.over, .over, event.from + number(0...20_000))
    try library.keep(event, picture: nil)
    known.removeAll { $0.id == event.id.text }
    known.append(Moment(event))
  }

  /// Brings moments up to date, and then alerts, as if by two servers that read at once.
  func settleAlerts() throws {
    try desk.settle(within: 60)
    let others = try ground.library(clock: { Self.start })
    let faults = Monitor([Fault]())
    let threads = [library, others].map { library in
      NativeThread {
        do throws(Fault) {
          for part in MomentReader.Part.allCases {
            let reader = AlertReader(library: library, part: part) { fault in faults.update { $0.append(fault) } }
            try reader.follow(before: Clock.now + 60_000_000_000)
          }
        } catch { faults.update { $0.append(error) } }
      }
    }
    for thread in threads { thread.join() }
    if let fault = faults.update({ $0.first }) { throw fault }
  }

  func alertPositions() throws -> [Item?] {
    try library.table.get(MomentReader.Part.allCases.map(\.alertPosition))
  }

  /// As after a backup, or by a reader that fell behind: all is read once more.
  func putBack(_ positions: [Item?]) throws {
    for (part, item) in zip(MomentReader.Part.allCases, positions) {
      _ = try library.table.write([item.map { .put($0.key, $0.body) } ?? .delete(part.alertPosition)])
    }
  }

  /// What a client's alerts told, by their names.
  func notices(client: String = "acme") throws -> [String: [StreamEvent]] {
    var filter = EventFilter(client: client)
    filter.kind = .alert
    var (told, token) = ([String: [StreamEvent]](), PageToken?.none)
    repeat {
      let page = try library.events(filter, scope: .all, limit: 200, after: token)
      for event in page.elements { told[event.rule, default: []].append(event) }
      token = page.next
    } while token != nil
    return told
  }

  /// The first moments that a link shows, page after page.
  func show(_ token: String, limit: Int = 7) throws -> [[Moment]] {
    var (found, next) = ([[Moment]](), String?.none)
    repeat {
      let answer = try ShareDesk(library).search(token, limit: limit, after: next, from: "192.0.2.1")
      found += answer.found
      next = answer.next
    } while next != nil
    return found
  }
}

/// Who follows a link.
struct LinkFollower {
  let desk: ShareDesk
  let listener: SharedListener
  var position: ChangePosition
  var told: [String] = []

  init(_ token: String, _ library: Library) throws {
    desk = ShareDesk(library)
    listener = try desk.listen(token, from: "192.0.2.2")
    position = listener.position
  }

  mutating func look() throws {
    var hasMore = true
    while hasMore {
      let news = try desk.news(for: listener, after: position)
      for chain in news.found where !told.contains(chain[0].id) { told.append(chain[0].id) }
      (position, hasMore) = (news.position, news.hasMore)
    }
  }
}
