import Base
import Foundation
import Items
import TestKit
import Testing
import Web

@testable import Gateway

struct FeedTests {
  /// Has so many pages, and tells of the last alone.
  private struct Reader: Feed.Follower {
    let interval: UInt64 = 1_000_000
    let name: String
    let pages: Int
    let looks: Monitor<[String]>
    var count = 0

    init(_ request: Request, _ looks: Monitor<[String]>) {
      (name, pages, self.looks) = (request.path, request.path == "/week" ? 2000 : 1, looks)
    }

    mutating func look(upTo last: ChangePosition?) throws(Fault) -> Feed.News {
      usleep(1000)
      looks.update { $0.append(name) }
      let isLast = count + 1 == pages
      return Feed.News(text: isLast ? Array("data: \(name)\n\n".utf8) : [], hasMore: !isLast, isLast: isLast)
    }

    mutating func wasTaken() { count += 1 }
  }

  private final class Handler: RequestHandler {
    let feed = Feed { nil }
    let looks = Monitor<[String]>([])

    func handle(_ request: Request) -> Handling {
      .body(limit: 10) { [feed, looks] _, exchange in
        feed.add(exchange, [], Reader(exchange.request, looks)) { true }
      }
    }

    func ended(_ record: Record) {}
  }

  @Test("Who reads a week's changes gets a page a turn: others hear of theirs meanwhile")
  func turns() throws {
    let handler = Handler()
    let server = try Server(ServerOptions(), handler: handler)
    server.start()
    defer { server.drain(within: 5) }
    let week = try PlainClient(server.port)
    week.send("GET /week HTTP/1.1\r\nHost: localhost\r\n\r\n")
    _ = try handler.looks.wait(for: "its first page") { $0.first }
    let hour = try PlainClient(server.port)
    hour.send("GET /hour HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(try told(to: hour) == "data: /hour\n\n")
    #expect(handler.looks.update { $0.count { $0 == "/week" } } < 1000)
    #expect(try told(to: week) == "data: /week\n\n")
    #expect(handler.looks.update { $0.count } == 2001)
  }

  /// All chunks of an answer.
  private func told(to client: PlainClient) throws -> String {
    #expect(try client.answer(bare: true).status == 200)
    var text: [UInt8] = []
    while case let chunk = try client.chunk(), !chunk.isEmpty { text += chunk }
    return String(decoding: text, as: UTF8.self)
  }

  /// Pages by where they begin.
  private func follower(
    _ pages: [Int: (text: String, next: Int, hasMore: Bool)], isOver: Bool = false
  ) -> ChangeFollower {
    let positions = (0...9).map { ChangePosition(text: String($0)) }
    return ChangeFollower(after: positions[0], isOver: { isOver }) { (position) throws(Fault) in
      let page = pages[positions.firstIndex(of: position) ?? 0] ?? ("", 9, false)
      return ChangeFollower.Page(
        text: Array(page.text.utf8), position: positions[page.next], hasMore: page.hasMore)
    }
  }

  @Test("What a client did not take is told again; what is over is told to be once all is told")
  func ending() throws {
    let pages = [0: ("a", 3, true), 3: ("", 5, true), 5: ("b", 7, false), 7: ("", 7, false)]
    var follower = follower(pages, isOver: true)
    var told: [String] = []
    for turn in 0..<6 {
      let news = try follower.look(upTo: ChangePosition(text: "7"))
      told.append(String(decoding: news.text, as: UTF8.self))
      if turn != 0 { follower.wasTaken() }
      #expect(news.isLast == (turn == 4 || turn == 5))
    }
    let ended = String(decoding: Feed.ended, as: UTF8.self)
    #expect(told == ["a", "a", "", "b", ended, ended])
    var open = self.follower(pages)
    let (same, more) = (
      try open.look(upTo: ChangePosition(text: "0")), try open.look(upTo: ChangePosition(text: "7"))
    )
    #expect(same.text.isEmpty && more.text == Array("a".utf8))
  }
}
