import Base
import Catalog
import Foundation
import Items
import Library
import LibraryKit
import TestKit

@testable import Delivery

/// A library with two clients, and targets that hear what they are let hear.
final class DeliveryFixture: Sendable {
  let ground: Ground
  let library: Library
  let desk: DeliveryDesk

  init(_ parts: Parts, clock: @escaping @Sendable () -> Int = { Int(Clock.seconds * 1000) }) throws {
    ground = try Ground(parts)
    library = try ground.library(clock: clock)
    desk = DeliveryDesk(library)
    for client in ["acme", "bolt"] { try library.admit(client) }
  }

  /// Webhooks of a client, by name.
  func add(_ names: String..., client: String = "acme", _ set: (inout DeliveryTarget) -> Void = { _ in }) throws {
    for name in names {
      var target = DeliveryTarget(client: client, name: name, address: "https://\(name).example/", created: 0)
      set(&target)
      _ = try desk.put(target, scope: .all)
    }
  }

  func begin(
    _ stream: String = "dock", client: String = "acme", at moment: Int? = nil,
    _ set: (inout StreamEvent) -> Void = { _ in }
  ) throws -> StreamEvent {
    var random = SystemRandomNumberGenerator()
    let now = moment ?? library.now
    var event = StreamEvent(
      id: ULID(milliseconds: now, using: &random), client: client, stream: stream, rule: "there", from: now,
      pipeline: "sha256:0")
    (event.label, event.updated) = ("person", library.now)
    set(&event)
    try library.keep(event, picture: nil)
    return event
  }

  func end(_ event: StreamEvent) throws {
    var event = event
    event.end(at: library.now)
    try library.keep(event, picture: nil)
  }

  /// Reads what changed, as a service does.
  func read() throws {
    try NoticeReader(library: library).follow(try desk.known(), before: Clock.now + 10_000_000_000)
  }

  /// What a target is to be told and was told, in the order of their numbers.
  func notices(_ target: String = "hook", client: String = "acme") throws -> [Notice] {
    var (found, token) = ([Notice](), PageToken?.none)
    repeat {
      let page = try desk.notices(of: target, client: client, state: nil, scope: .all, limit: 100, after: token)
      found += page.elements
      token = page.next
    } while token != nil
    return found.sorted { $0.number < $1.number }
  }

  /// Waits until something holds that a service brings about.
  func comes(_ seconds: Double = 120, _ holds: () throws -> Bool) throws -> Bool {
    let end = Clock.now + UInt64(seconds * 1e9)
    while Clock.now < end {
      if try holds() { return true }
      Clock.sleep(until: Clock.now + 20_000_000)
    }
    return try holds()
  }
}

/// What all targets of a test were told, and how each takes it.
final class Listeners: Sendable {
  struct Told: Sendable {
    let target: String
    let notice: Notice
    let body: [UInt8]
  }

  private let told = Monitor<[Told]>([])
  private let answers = Monitor<[String: Telling]>([:])

  func all(_ target: String) -> [Told] { told.update { $0.filter { $0.target == target } } }

  /// From now on a target answers so; `nil` takes everything.
  func answer(_ target: String, _ telling: Telling?) { answers.update { $0[target] = telling } }

  func sender(_ target: DeliveryTarget) -> any NoticeSender { Sender(self, target.name) }

  private final class Sender: NoticeSender {
    private let (listeners, name): (Listeners, String)

    init(_ listeners: Listeners, _ name: String) { (self.listeners, self.name) = (listeners, name) }

    func tell(_ notice: Notice, _ body: [UInt8], at date: Int, goesOn: () -> Bool) -> Telling {
      let answer = listeners.answers.update { $0[name] } ?? Telling(verdict: .taken, status: 200)
      listeners.told.update { $0.append(Told(target: name, notice: notice, body: body)) }
      return answer
    }
  }
}
