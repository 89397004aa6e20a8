import Base
import Catalog
import Items
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Edge

struct LedgerTests {
  private static let life = "0123456789abcdef"
  private static let line = LedgerLine(.event, "dock")

  private static func chain(_ count: Int, _ line: LedgerLine = line, life: String = life) -> [LedgerEntry] {
    var (entries, hash) = ([LedgerEntry](), LedgerEntry.none)
    for number in 0..<count {
      let moment = NodeMoment(wall: 1_000 * number, monotonic: number, boot: "boot")
      entries.append(
        LedgerEntry(
          number + 1, .event, at: moment, of: line, in: life, body: Array("{\"n\":\(number)}".utf8), after: hash))
      hash = entries[number].hash
    }
    return entries
  }

  @Test("The hash of a chain is what another program makes of its entries")
  func golden() {
    let entry = Self.chain(2)[1]
    // By hashlib of Python, of the form that docs/edge.md describes.
    #expect(entry.digest == "2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd")
    #expect(entry.hash == "e3230c714c4e9d948dc5bd96fed4633b6a373ad5defb6de88e6ac3aac6a4cea4")
    #expect(Self.chain(2, LedgerLine(.event, "yard"))[1].hash != entry.hash)
    #expect(Self.chain(2, life: "ffff")[1].hash != entry.hash)
  }

  @Test("A message is read as it was written, and one that was cut anywhere is refused")
  func messages() throws {
    let odd = LedgerLine(.clip, "a#b%\n é")
    #expect(LedgerLine(odd.text) == odd && !odd.text.utf8.contains(UInt8(ascii: "\n")))
    var batch = LedgerBatch(life: Self.life)
    for entry in Self.chain(3) { batch.entries.append(LedgerBatch.Sent(line: Self.line, entry: entry, clock: -7)) }
    var gone = Self.chain(1, odd)[0]
    gone.body = nil
    batch.entries.append(LedgerBatch.Sent(line: odd, entry: gone, gone: "removed"))
    let bytes = batch.bytes
    #expect(try LedgerBatch(bytes) == batch)
    for end in 0..<bytes.count {
      #expect(throws: Fault.self, "cut behind \(end) bytes") { try LedgerBatch(Array(bytes.prefix(end))) }
    }
  }

  @Test("Numbers that no node sends are refused, and overflow nothing")
  func numbers() {
    func batch(_ sequence: Int, wall: Int = 0, clock: Int? = nil) -> [UInt8] {
      let entry = LedgerEntry(
        sequence, .event, at: NodeMoment(wall: wall, monotonic: 0, boot: "b"), of: Self.line, in: Self.life,
        body: Array("{}".utf8), after: LedgerEntry.none)
      return LedgerBatch(
        life: Self.life, entries: [LedgerBatch.Sent(line: Self.line, entry: entry, clock: clock)]
      ).bytes
    }
    #expect(throws: Never.self) { try LedgerBatch(batch(1)) }
    for bytes in [
      batch(.max), batch(1, wall: .min), batch(1, wall: .max), batch(1, clock: .min), batch(1, clock: .max),
    ] {
      #expect(throws: Fault.self) { try LedgerBatch(bytes) }
    }
    let gap = OutboxLine.Gap(from: 0, to: 0, count: .max)
    #expect(throws: Fault.self) { try GapNote(GapNote(gap).json) }
  }

  @Test("Messages in any order, repeated and cut up, leave each entry once and in its place")
  func anyOrder() {
    let entries = Self.chain(40)
    for seed in 0..<200 {
      var random = Seeded(UInt64(seed))
      var (position, taken) = (LinePosition(), [Int]())
      for _ in 0..<2000 where taken.count < entries.count {
        let from = Int.random(in: 0..<entries.count, using: &random)
        let some = Array(entries[from..<min(entries.count, from + Int.random(in: 1...9, using: &random))])
        switch position.verdict(some, in: Self.line, of: Self.life) {
        case .new(let place):
          for entry in some[place...] {
            position.pass(entry, at: 0)
            taken.append(entry.sequence)
          }
        case .hole: #expect(some[0].sequence > position.sequence + 1)
        case .fork(let at), .broken(let at): Issue.record("a true chain is refused at \(at), seed \(seed)")
        }
      }
      #expect(taken == Array(1...40) && position.hash == entries[39].hash)
    }
  }

  @Test("Another entry in the place of one that is here is a fork, and a changed one breaks the chain")
  func forks() {
    let entries = Self.chain(5)
    var position = LinePosition()
    for entry in entries.prefix(3) { position.pass(entry, at: 0) }
    let moment = NodeMoment(wall: 5, monotonic: 5, boot: "boot")
    func other(_ sequence: Int, after hash: String) -> LedgerEntry {
      LedgerEntry(sequence, .event, at: moment, of: Self.line, in: Self.life, body: Array("{}".utf8), after: hash)
    }
    let third = other(3, after: entries[1].hash)
    #expect(position.verdict([third], in: Self.line, of: Self.life) == .fork(at: 3))
    let fourth = other(4, after: third.hash)
    #expect(position.verdict([fourth], in: Self.line, of: Self.life) == .fork(at: 4))
    var changed = entries[4]
    changed.body = Array("{\"n\":99}".utf8)
    #expect(position.verdict([entries[3], changed], in: Self.line, of: Self.life) == .broken(at: 5))
    changed.body = nil
    #expect(position.verdict([entries[3], changed], in: Self.line, of: Self.life) == .new(from: 0))
    #expect(position.verdict([entries[4]], in: Self.line, of: Self.life) == .hole)
    #expect(position.verdict([entries[0]], in: Self.line, of: Self.life) == .new(from: 1))
    // The same entries as another line's are none of this one's.
    #expect(position.verdict([entries[3]], in: LedgerLine(.event, "yard"), of: Self.life) == .fork(at: 4))
  }

  @Test(
    "What goes over a link keeps to its rate over any time, with one message more at most", arguments: [20_000.0, 1e6])
  func bucket(rate: Double) {
    var random = Seeded(7)
    var bucket = LinkBucket(rate: rate, burst: 4096, at: 0)
    var (now, sent) = (UInt64(0), [(UInt64, Int)]())
    while now < 60_000_000_000 {
      now = max(now, bucket.ready(at: now))
      let count = Int.random(in: 1...20_000, using: &random)
      bucket.spend(count, at: now)
      sent.append((now, count))
      if random.next() % 20 == 0 { now += random.next() % 500_000_000 }
    }
    for start in stride(from: 0, to: sent.count, by: 10) {
      var sum = 0
      // The last message goes whole where there is something left for it.
      let tooMuch = sent[start...].prefix(300).first { (moment, count) in
        defer { sum += count }
        return Double(sum) > rate * Double(moment - sent[start].0) / 1e9 + 4096 + 1
      }
      #expect(tooMuch == nil, "from message \(start) on")
    }
    #expect(Double(sent.reduce(0) { $0 + $1.1 }) > rate * 60 * 0.3, "and the link is used")
    var free = LinkBucket(rate: 0, burst: 0, at: 0)
    free.spend(1 << 40, at: 1)
    #expect(free.ready(at: 2) == 2)
  }

  @Test("A busy node agrees between two beats; more than it has is a fork once a report is from behind that")
  func between() throws {
    let entries = Self.chain(5)
    func here(_ count: Int, at moment: Int) -> [LedgerLine: LinePosition] {
      var position = LinePosition()
      for entry in entries.prefix(count) { position.pass(entry, at: moment) }
      return [Self.line: position]
    }
    func verdict(
      _ said: (sequence: Int, taken: Int), _ count: Int, at moment: Int, seen: Int
    ) -> LedgerComparison.Verdict {
      let line = LedgerReport.Line(
        line: Self.line, sequence: said.sequence, taken: said.taken, hash: entries[said.taken - 1].hash, waiting: 0,
        leftOut: 0)
      let report = LedgerReport(life: Self.life, lines: [line], isWhole: true)
      return LedgerComparison(report, seen: seen, here(count, at: moment)).verdict
    }
    #expect(verdict((3, 3), 5, at: 1_000_000, seen: 995_000) == .agree)
    #expect(verdict((3, 3), 5, at: 1_000_000, seen: 1_005_000) == .agree, "its report was made before")
    #expect(verdict((3, 3), 5, at: 1_000_000, seen: 1_100_000) == .fork, "it has less than is here, and knows it")
    #expect(verdict((5, 3), 5, at: 1_000_000, seen: 1_100_000) == .agree, "the answer got lost")
    #expect(verdict((5, 3), 4, at: 1_000_000, seen: 1_005_000) == .behind)
    #expect(verdict((5, 5), 4, at: 1_000_000, seen: 1_005_000) == .fork)
  }

  @Test("A clock that nobody sets tells how wrong the one on the wall was, whoever set that meanwhile")
  func clocks() throws {
    var offset = ClockOffset(boot: "b")
    #expect(offset.skew(at: NodeMoment(wall: 0, monotonic: 0, boot: "b")) == nil)
    // 40 ms there, 20 ms back, 5 ms at the centre: 10 ms wrong at most.
    offset.take(ClockOffset.Sample(sent: 1_000, had: 501_040, answered: 501_045, got: 1_065))
    // A second on its way tells less.
    offset.take(ClockOffset.Sample(sent: 2_000, had: 503_900, answered: 503_900, got: 4_000))
    let skew = try #require(offset.skew(at: NodeMoment(wall: 7_200_000, monotonic: 10_000, boot: "b")))
    #expect(abs(skew - (510_000 - 7_200_000)) <= 30)
    let later = try #require(offset.skew(at: NodeMoment(wall: 20_000, monotonic: 20_000, boot: "b")))
    #expect(abs(later - 500_000) <= 30)
    // The machine's counter stood still for an hour, or the centre's clock was set: the old one cannot be true with it.
    var jumped = offset
    jumped.take(ClockOffset.Sample(sent: 5_000, had: 4_105_000, answered: 4_105_000, got: 5_200))
    #expect(jumped.ahead == 4_099_900)
    let next = try ClockOffset(offset.json, boot: "c")
    #expect(next.skew(at: NodeMoment(wall: 0, monotonic: 0, boot: "c")) == nil)
    #expect(next.skew(at: NodeMoment(wall: 20_000, monotonic: 20_000, boot: "b")) == later)
  }
}
