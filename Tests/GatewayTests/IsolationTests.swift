import Access
import Base
import Foundation
import LibraryKit
import TestKit
import Testing

@testable import Gateway

/// Whatever is asked with the names of another client's things is answered as if there were no such things.
struct IsolationTests {
  @Test(
    "Every route that asks for a scope is asked with foreign names here, or is one of those in which none can be said")
  func covered() throws {
    let neighbours = try Neighbours(.embedded)
    defer { neighbours.server.end() }
    for route in Gateway.table.routes where route.scope != nil {
      #expect(
        neighbours.nobody().asks(route.operation.id) != nil,
        "\(route.operation.id) is new: say in IsolationAsks.swift how the things of another client are named in it")
    }
  }

  private static let scopes: [[Scope]] = [
    [.read], [.write], [.upload], [.read, .write, .upload], [.infer], [.read, .infer], [.admin],
  ]

  @Test(
    "Foreign is as missing: every route, every scope, key and session, of two clients, in status, headers and body",
    arguments: IsolationTests.scopes, Parts.there)
  func foreign(scopes: [Scope], parts: Parts) throws {
    let neighbours = try Neighbours(parts)
    defer { neighbours.server.end() }
    let before = try neighbours.everything()
    let callers = try neighbours.callers(scopes)
    // Each way in is read by the same code, whatever stands behind it: one of each client where each question takes longer.
    for caller in parts == .embedded ? callers : [callers[0], callers[3]] {
      let other = neighbours.holdings[caller.client == "acme" ? "bolt" : "acme"]!
      let none = neighbours.nobody(other)
      var mine = (neighbours.holdings[caller.client]!, neighbours.holdings[caller.client]!)
      // The caller's own asset, with the other's names in what is said about it.
      (mine.0.client, mine.0.pipeline, mine.0.word) = (other.client, other.pipeline, other.word)
      (mine.1.client, mine.1.pipeline, mine.1.word) = (none.client, none.pipeline, none.word)
      mine.0.upload = other.upload
      mine.1.upload = none.upload
      let pairs = [(Names(other), Names(none)), (Names(mine.0), Names(mine.1))]
      for route in Gateway.table.routes where route.scope != nil {
        for (foreign, missing) in pairs { try neighbours.compare(route, caller, foreign, missing) }
      }
    }
    #expect(try neighbours.everything() == before, "something of a client was changed")
  }

  @Test("Other ways to write a foreign id are other ways to write a missing one", arguments: Parts.there)
  func spellings(parts: Parts) throws {
    let neighbours = try Neighbours(parts)
    defer { neighbours.server.end() }
    // Who asks is known before the address is read: each spelling is asked by one, in turn.
    let full = try neighbours.callers([.read, .write, .upload])
    for (number, spelling) in Self.spellings.enumerated() {
      let caller = full[number % full.count]
      let other = neighbours.holdings[caller.client == "acme" ? "bolt" : "acme"]!
      let pair = [other, neighbours.nobody(other)].map { names in
        var names = names
        (names.asset, names.upload) = (spelling(names.asset), spelling(names.upload))
        names.trigger = spelling(names.trigger)
        names.client = spelling(names.client)
        return Names(names)
      }
      for route in Gateway.table.routes where route.scope != nil {
        try neighbours.compare(route, caller, pair[0], pair[1])
      }
    }
  }

  @Test("A search by words looks whose films are meant before it looks for a network of texts")
  func words() throws {
    let neighbours = try Neighbours(.embedded)
    defer { neighbours.server.end() }
    for caller in try neighbours.callers([.read, .infer]) {
      let stranger = caller.client == "acme" ? "bolt" : "acme"
      for (client, status) in [(caller.client, 422), (stranger, 404), ("zork", 404)] {
        let answer = try neighbours.ask(ForeignAsk(path: "/v1/search/words?client=\(client)&words=a"), caller)
        #expect(answer.status == status, "\(caller.client) asks for \(client): \(answer.status) \(answer.text)")
      }
    }
  }

  private static let spellings: [@Sendable (String) -> String] = [
    { $0.lowercased() }, { $0.uppercased() }, { "%\(String($0.utf8.first!, radix: 16))\($0.dropFirst())" },
    { $0.utf8.map { "%\(String($0, radix: 16))" }.joined() }, { $0 + "%20" }, { $0 + "%00" },
    { "%E2%80%8B" + $0 }, { $0 + "%CC%81" }, { "%EF%BC%90" + $0.dropFirst() }, { $0 + "%2F" }, { "..%2F" + $0 },
    { $0 + "/" },
    { String($0.dropLast()) }, { $0 + "A" }, { $0 + ";a=1" }, { "%FF" + $0 },
  ]

  @Test("What is one's own is answered, so that the comparison compares something", arguments: Parts.there)
  func own(parts: Parts) throws {
    let neighbours = try Neighbours(parts)
    defer { neighbours.server.end() }
    for caller in try neighbours.callers([.read]) {
      let names = neighbours.holdings[caller.client]!
      // What is followed goes on for ever, and there is no camera whose picture could be given.
      let others: Set = [
        "getRecording", "followStream", "followEvents", "viewStream", "listStreamParts", "streamPart", "streamStill",
        // They ask a model too, which this caller may not.
        "searchSimilarToPicture", "searchWords",
      ]
      for route in Gateway.table.routes where route.scope == .read && !others.contains(route.operation.id) {
        for ask in try #require(names.asks(route.operation.id)) {
          guard ask.headers.isEmpty, !ask.path.hasSuffix("/99"), !ask.path.contains("after="),
            !ask.path.hasSuffix("=edl")
          else { continue }
          let answer = try neighbours.ask(ask, caller)
          #expect(answer.status == 200, "\(ask): \(answer.status) \(answer.text)")
          if ask.method == "GET" { #expect(!answer.body.isEmpty) }
        }
      }
    }
  }
}

/// What requests name, and every form in which answers may repeat it, the longest first.
private struct Names {
  let names: ForeignNames
  let said: [String]

  init(_ names: ForeignNames) {
    self.names = names
    said = Self.forms(names.typed)
  }

  static func forms(_ said: [String]) -> [String] {
    var typed = said
    typed += typed.compactMap { $0.removingPercentEncoding }
    // A slash behind an address changes nothing.
    typed += typed.filter { $0.hasSuffix("/") }.map { String($0.dropLast()) }
    typed += typed.map { String($0.dropFirst(7)) }.filter { $0.count == 64 }
    typed += typed.filter { $0.count == 64 }.map { String($0.prefix(12)) }
    return typed.filter { !$0.isEmpty }.sorted { $0.count > $1.count }
  }
}

extension Neighbours {
  fileprivate func ask(_ ask: ForeignAsk, _ caller: Caller) throws -> PlainAnswer {
    try server.ask(ask.method, ask.path, caller.headers + ask.headers, body: ask.body)
  }

  fileprivate func compare(_ route: Route, _ caller: Caller, _ foreign: Names, _ missing: Names) throws {
    let id = route.operation.id
    let (theirs, nobodys) = (foreign.names.asks(id) ?? [], missing.names.asks(id) ?? [])
    for (their, none) in zip(theirs, nobodys) {
      let isSame = their.path == none.path && their.body == none.body && "\(their.headers)" == "\(none.headers)"
      // What names nothing foreign may change what is the caller's own.
      if isSame, their.method != "GET" { continue }
      let answer = try ask(their, caller)
      if !isSame {
        let (shown, other) = (Self.plain(answer, foreign.said), Self.plain(try ask(none, caller), missing.said))
        #expect(shown == other, "\(caller.client) \(caller.scopes): \(their) is not answered as \(none)")
      }
      // An answer that is the same for a missing thing tells nothing.
      guard isSame else { continue }
      let said = "\(their)"
      let shown = Self.plain(answer, Names.forms(foreign.names.typed.filter { said.contains($0) }))
      let stranger = holdings[caller.client == "acme" ? "bolt" : "acme"]!
      for secret in stranger.typed {
        #expect(!shown.contains(secret), "\(caller.client) \(caller.scopes): \(their) shows \(secret): \(shown)")
      }
    }
  }

  /// An answer without what the caller said itself, the request's number and the moment.
  private static func plain(_ answer: PlainAnswer, _ said: [String]) -> String {
    let headers = answer.headers.filter { !["date", "content-length", "x-request-id"].contains($0.key) }
    var text = "\(answer.status)\n"
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\n" }
    text += answer.text
    for name in said where holds(text, name) { text = text.replacing(name, with: "*") }
    if holds(text, "\"request\":\"") { text = text.replacing(/"request":"[0-9a-f]+"/, with: "") }
    guard holds(text, "\"asOf\":\"") || holds(text, "\"upTo\":\"") else { return text }
    return text.replacing(/"(asOf|upTo)":"[^"]*"/, with: "")
  }

  /// Quick without optimization too: few answers hold anything of what is looked for.
  private static func holds(_ text: String, _ words: String) -> Bool {
    let count = text.utf8.count
    // what has a zero in it is looked through whatever it holds
    return text.withCString { text in
      strlen(text) < count || words.withCString { strstr(text, $0) != nil }
    }
  }
}
