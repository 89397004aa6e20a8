import Base
import Foundation
import Redis
import TestKit
import Testing

@testable import Bus

/// Frames through a real Redis: each is computed once at most, never once it is too old, and every one is accounted for.
@Suite(.enabled(if: RedisServer.isThere, "no redis-server here"))
struct FrameBusTests {
  private let folder = TemporaryFolder()

  private func bus(_ server: RedisServer) throws -> FrameBus {
    try FrameBus(server.address(for: folder), connections: 8)
  }

  private func now(plus milliseconds: Int) -> UInt64 { Clock.now + UInt64(milliseconds) * 1_000_000 }

  private func announce(_ bus: FrameBus, _ network: String = "n", slots: Int = 2) throws {
    let offer = UnitNotice.Offer(model: "line inspector", network: network, places: 1, slots: slots, busy: 250)
    try bus.announce(UnitNotice(id: "u1", host: "box", offers: [offer]), before: now(plus: 1000))
  }

  private func take(_ bus: FrameBus, _ network: String = "n") throws -> WaitingFrame {
    for _ in 0..<20 { if case .frame(let frame) = try bus.take(network, atMost: .milliseconds(100)) { return frame } }
    throw NotThere()
  }

  private struct NotThere: Error {}

  private func bytes(_ value: UInt8) -> SharedBytes { SharedBytes([UInt8](repeating: value, count: 1000)) }

  private func answer(_ value: UInt8) -> FrameAnswer {
    FrameAnswer(.outputs([[2, 2]], SharedBytes([value, 0, 0, 0])), inferred: 1_000_000)
  }

  private func first(_ outcome: FrameLane.Outcome?) -> UInt8? {
    guard case .answered(let answer)? = outcome, case .outputs([[2, 2]], let bytes) = answer.content else { return nil }
    return bytes.pointer[0]
  }

  /// Asks on a thread of its own.
  private final class Asked: Sendable {
    private let result = Monitor<Result<FrameLane.Outcome, Fault>?>(nil)

    init(_ lane: FrameLane, _ bytes: SharedBytes, deadline: UInt64) {
      NativeThread { [result] in
        let told = Result { () throws(Fault) in try lane.ask(bytes, source: "dock", deadline: deadline) }
        result.update { $0 = told }
      }.leave()
    }

    func get() throws -> FrameLane.Outcome { try result.wait(for: "what became of a frame") { $0 }.get() }
  }

  @Test func `a frame goes out, and its own answer comes back`() throws {
    let bus = try bus(try RedisServer.shared.get())
    try announce(bus)
    let lane = FrameLane(bus, network: "n")
    for round in UInt8(1)...3 {
      let asked = Asked(lane, bytes(round), deadline: now(plus: 5000))
      let frame = try take(bus)
      #expect(frame.source == "dock" && frame.bytes.count == 1000 && frame.bytes.pointer[999] == round)
      #expect(frame.deadline > now(plus: 3000) && frame.deadline < now(plus: 5001))
      try bus.answer(frame, answer(round))
      #expect(first(try asked.get()) == round)
    }
  }

  @Test func `of several units one takes a frame, and units of another network none`() throws {
    let bus = try bus(try RedisServer.shared.get())
    try announce(bus)
    try announce(bus, "other")
    let lane = FrameLane(bus, network: "n")
    let asked = Asked(lane, bytes(1), deadline: now(plus: 5000))
    let frame = try take(bus)
    for network in ["n", "other"] {
      guard case .nothing = try bus.take(network, atMost: .milliseconds(50)) else {
        Issue.record("a frame was given twice, or to those that have another network")
        continue
      }
    }
    try bus.answer(frame, answer(9))
    #expect(first(try asked.get()) == 9)
  }

  @Test func `a frame that nobody took in time is late, and is never computed`() throws {
    let bus = try bus(try RedisServer.shared.get())
    try announce(bus)
    let began = Clock.now
    guard case .late = try FrameLane(bus, network: "n").ask(bytes(1), source: "", deadline: now(plus: 60)) else {
      Issue.record("a frame was answered by nobody")
      return
    }
    #expect(Clock.now - began < 1_000_000_000)
    guard case .nothing = try bus.take("n", atMost: .milliseconds(20)) else {
      Issue.record("a frame was given that had been taken back")
      return
    }
  }

  @Test func `a frame whose server is gone is not computed once it is too old`() throws {
    let server = try RedisServer.shared.get()
    let bus = try bus(server)
    try announce(bus)
    let client = try RedisClient(try RedisAddress(server.address(for: folder)))
    _ = try client.call(
      ["XADD", bus.frames("n"), "*", "lane", "gone", "left", "30000", "source", "", "frame", "abc"])
    usleep(60_000)
    guard case .stale = try bus.take("n", atMost: .milliseconds(500)) else {
      Issue.record("a frame was given that is too old")
      return
    }
    // an entry may name any moment
    _ = try client.call(["XADD", bus.frames("far"), "\(Int.max)-0", "lane", "l", "left", "1000", "frame", "a"])
    _ = try client.call(["XGROUP", "CREATE", bus.frames("far"), "units", "0"])
    guard case .stale = try bus.take("far", atMost: .milliseconds(500)) else {
      Issue.record("a frame of another age was given")
      return
    }
    // what is no frame at all is none
    for fields in [["left", "x"], ["lane", "gone", "left", "-1", "frame", "a"], ["begin", "1"]] {
      _ = try client.call(["XADD", bus.frames("n"), "*"] + fields)
      guard case .stale = try bus.take("n", atMost: .milliseconds(500)) else {
        Issue.record("\(fields) is no frame")
        continue
      }
    }
  }

  @Test func `a unit that took a frame and says nothing has lost it, and its late answer is nobody's`() throws {
    let bus = try bus(try RedisServer.shared.get())
    try announce(bus)
    let lane = FrameLane(bus, network: "n")
    let asked = Asked(lane, bytes(1), deadline: now(plus: 300))
    let first = try take(bus)
    guard case .lost = try asked.get() else {
      Issue.record("a frame that nobody answered was not lost")
      return
    }
    let next = Asked(lane, bytes(2), deadline: now(plus: 5000))
    let second = try take(bus)
    try bus.answer(first, answer(1))
    try bus.answer(first, answer(1))
    try bus.answer(second, answer(2))
    #expect(self.first(try next.get()) == 2)
  }

  @Test func `answers that are none, or too large in words, are refused`() throws {
    let server = try RedisServer.shared.get()
    let bus = try bus(server)
    try announce(bus)
    let client = try RedisClient(try RedisAddress(server.address(for: folder)))
    let lane = FrameLane(bus, network: "n")
    let nonsense = [
      ["took", "1", "shapes", "2xtwo", "outputs", "a"], ["took", "-1", "failed", "a"],
      ["took", "1", "shapes", "-2", "outputs", "a"], ["shapes", "1", "outputs", "a"], ["took", "1", "shapes", "1"],
      ["took", "1", "shapes", (0..<33).map { _ in "1" }.joined(separator: "x"), "outputs", "a"],
    ]
    for fields in nonsense {
      let asked = Asked(lane, bytes(1), deadline: now(plus: 5000))
      let frame = try take(bus)
      _ = try client.call(["XADD", bus.answers(frame.lane), "*", "of", frame.name] + fields)
      #expect(throws: Fault.self) { _ = try asked.get() }
    }
  }

  @Test func `units are there for as long as they say so`() throws {
    let bus = try bus(try RedisServer.shared.get())
    #expect(try bus.look(before: now(plus: 1000)).isEmpty)
    try announce(bus)
    let found = try bus.look(before: now(plus: 1000))
    #expect(found.count == 1 && found[0].host == "box" && found[0].offers.map(\.model) == ["line_inspector"])
    #expect(found[0].offers[0].slots == 2 && found[0].offers[0].busy == 250)
    try waitUntil("a unit to be forgotten that says nothing", seconds: 10) {
      try bus.look(before: now(plus: 1000)).isEmpty
    }
    try announce(bus)
    try bus.withdraw("u1", before: now(plus: 1000))
    #expect(try bus.look(before: now(plus: 1000)).isEmpty)
    #expect(UnitNotice(id: "u", text: "h\nm n 0 1 1\nm n 1 1\nm n 99999999 1 1\nm n 1 2 -5").offers.map(\.busy) == [0])
  }

  @Test func `a user who may do no more than docs/units.md says is enough`() throws {
    let server = try RedisServer()
    let prefix = folder.path.split(separator: "/").last!
    let page = try String(contentsOfFile: Checkout.path + "/docs/units.md", encoding: .utf8)
    let line = try #require(page.split(separator: "\n").first { $0.contains("ACL SETUSER unit") })
    let words = line.trimmingCharacters(in: .whitespaces).split(separator: " ").map {
      $0.replacing("PASSWORD", with: "hush").replacing("{ridley}", with: "{\(prefix)}")
    }
    _ = try RedisClient(try RedisAddress(server.address)).call(words)
    let bus = try FrameBus("redis://unit:hush@127.0.0.1:\(server.port)/?prefix=\(prefix)", connections: 8)
    #expect(try bus.keepsLog(before: now(plus: 1000)) == true)
    try announce(bus)
    #expect(try bus.look(before: now(plus: 1000)).count == 1)
    let lane = FrameLane(bus, network: "n")
    let asked = Asked(lane, bytes(1), deadline: now(plus: 5000))
    try bus.answer(try take(bus), answer(7))
    #expect(first(try asked.get()) == 7)
    guard case .late = try lane.ask(bytes(1), source: "", deadline: now(plus: 30)) else {
      Issue.record("nobody took it")
      return
    }
    try bus.withdraw("u1", before: now(plus: 1000))
  }

  @Test func `nothing outlives a minute`() throws {
    let server = try RedisServer.shared.get()
    let bus = try bus(server)
    try announce(bus)
    let lane = FrameLane(bus, network: "n")
    let asked = Asked(lane, bytes(1), deadline: now(plus: 5000))
    try bus.answer(try take(bus), answer(1))
    _ = try asked.get()
    let client = try RedisClient(try RedisAddress(server.address(for: folder)))
    let prefix = try #require(bus.frames("n").split(separator: "f", maxSplits: 1).first)
    let keys = try #require(try client.call(["KEYS", "*"]).elements).compactMap(\.string).filter {
      $0.hasPrefix(prefix)
    }
    #expect(keys.count == 3, "\(keys)")
    for key in keys {
      let left = try #require(try client.call(["PTTL", key]).integer)
      #expect((1...60_000).contains(left), "\(key) stays")
    }
    #expect(try client.call(["XLEN", bus.frames("n")]).integer == 0, "a frame that was taken is gone")
    #expect(
      try client.call(["XINFO", "CONSUMERS", bus.frames("n"), "units"]).elements?.count == 1, "units leave no trace")
    #expect(try client.call(["XPENDING", bus.frames("n"), "units"]).elements?.first?.integer == 0)
  }

  @Test func `a Redis that dies, stands still or is full costs frames, and no more than their time`() throws {
    let server = try RedisServer(["--maxmemory", "20mb"])
    let bus = try bus(server)
    try announce(bus)
    let lane = FrameLane(bus, network: "n")
    server.pause(true)
    let began = Clock.now
    guard case .late = try lane.ask(bytes(1), source: "", deadline: now(plus: 100)) else {
      Issue.record("a server that stands still answered")
      return
    }
    #expect(Clock.now - began < 1_000_000_000)
    server.pause(false)
    let client = try RedisClient(try RedisAddress(server.address))
    _ = try client.call(["CONFIG", "SET", "maxmemory", "1"])
    #expect(kind { _ = try lane.ask(bytes(1), source: "", deadline: now(plus: 1000)) } == .exhausted)
    _ = try client.call(["CONFIG", "SET", "maxmemory", "20mb"])
    server.end()
    #expect(kind { _ = try lane.ask(bytes(1), source: "", deadline: now(plus: 1000)) } == .unavailable)
    try server.start()
    _ = try RedisClient(try RedisAddress(server.address)).call(["FLUSHALL"])
    // no unit has said yet that it is there
    #expect(kind { _ = try lane.ask(bytes(1), source: "", deadline: now(plus: 1000)) } == .unavailable)
    guard case .nothing = try bus.take("n", atMost: .milliseconds(10)) else {
      Issue.record("an empty server gave a frame")
      return
    }
    try announce(bus)
    let asked = Asked(lane, bytes(3), deadline: now(plus: 5000))
    try bus.answer(try take(bus), answer(3))
    #expect(first(try asked.get()) == 3)
  }
}
