import Base
import TestKit
import Testing

@testable import Gateway

@Suite("gRPC: parts of calls of many messages")
struct RPCPartsTests {
  /// Cuts bytes that come in such pieces, and gives each message.
  private static func messages(_ pieces: [[UInt8]]) throws -> (messages: [[UInt8]], isInside: Bool) {
    var (cutter, found, open) = (MessageCutter(), [[UInt8]](), [UInt8]())
    for piece in pieces {
      var place = 0
      loop: while true {
        switch try cutter.next(in: piece, at: &place) {
        case .begins: open = []
        case .bytes(let range): open += piece[range]
        case .ends: found.append(open)
        case .more: break loop
        }
      }
      #expect(place == piece.count)
    }
    return (found, cutter.isInside)
  }

  @Test("messages are the same wherever their bytes are cut")
  func cuts() throws {
    var dice = SeededRandom(5)
    for _ in 0..<200 {
      let messages = (0..<Int.random(in: 0...6, using: &dice)).map { _ in
        (0..<Int.random(in: 0...20, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
      }
      var rest = messages.flatMap { RPC.prefix($0.count) + $0 }
      var pieces: [[UInt8]] = []
      while !rest.isEmpty {
        let count = Int.random(in: 0...min(9, rest.count), using: &dice)
        pieces.append(Array(rest.prefix(count)))
        rest.removeFirst(count)
      }
      let found = try Self.messages(pieces)
      #expect(found.messages == messages && !found.isInside)
      if let last = pieces.lastIndex(where: { !$0.isEmpty }) {
        pieces[last].removeLast()
        #expect(try Self.messages(pieces).isInside)
      }
    }
  }

  @Test("a compressed message is refused")
  func compressed() {
    #expect(throws: Fault.self) { try Self.messages([[1, 0, 0, 0, 0]]) }
  }

  @Test("answers go out in the order of their questions, whatever the order they come in")
  func order() {
    var dice = SeededRandom(9)
    for _ in 0..<100 {
      var (ordered, open, sent, count) = (OrderedAnswers<Int>(), [Int](), [Int](), 0)
      for _ in 0..<60 {
        if open.isEmpty || count < 30 && Bool.random(using: &dice) {
          open.append(ordered.open())
          count += 1
        } else {
          let number = open.remove(at: Int.random(in: 0..<open.count, using: &dice))
          #expect(ordered.isOpen(number))
          ordered.put(number, to: number)
          #expect(!ordered.isOpen(number))
        }
        while let next = ordered.next() { sent.append(next) }
        #expect(ordered.isEmpty == (sent.count == count))
      }
      for number in open { ordered.put(number, to: number) }
      while let next = ordered.next() { sent.append(next) }
      #expect(sent == Array(0..<count) && ordered.isEmpty)
    }
  }
}
