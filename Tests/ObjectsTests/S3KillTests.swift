import Base
import Crypto
import Foundation
import TestKit
import Testing

@testable import Objects

/// What dies at any instant: those who put, and the service itself.
@Suite(.serialized, .ownThread, .enabled(if: S3Server.shared != nil, "no S3 service: ./bootstrap"))
struct S3KillTests {
  private let folder = TemporaryFolder()
  private let worker = Program.path.replacing(/ridley$/, with: "objects-worker")

  /// 2, or as many as `RIDLEY_S3_KILLS` says (`make soak-objects`: 50).
  private static let kills = ProcessInfo.processInfo.environment["RIDLEY_S3_KILLS"].flatMap { Int($0) } ?? 2

  private func environment(_ server: S3Server) -> [String: String] {
    server.environment.merging(["RIDLEY_SCRATCH": folder.file("worker")]) { $1 }
  }

  private var place: String { "s3://\(S3Server.bucket)/te st+\u{e9}/~\(FileSystem.name(of: folder.path))" }

  /// What the worker told until it was killed, which is so long after it told a line, or ended.
  private func told(_ words: [String], until line: String = "", killedAfter seconds: Double?) throws -> [String] {
    let end =
      seconds.map {
        "until grep -q \"^\(line)\" \"$OUT\"; do sleep 0.003; done; sleep \($0); kill -9 $child"
      } ?? ":"
    let script = "\"$@\" >\"$OUT\" 2>&1 & child=$!; \(end); wait $child; cat \"$OUT\""
    let own = environment(try #require(S3Server.shared)).merging(["OUT": folder.file("out")]) { $1 }
    return shell(["bash", "-c", script, "bash", worker] + words, environment: own).output.split(separator: "\n")
      .map(String.init)
  }

  @Test("What a killed process told to be stored is whole, and nothing half is visible")
  func writer() throws {
    let store = try s3Store(folder)
    var names: Set<ObjectName> = []
    for round in 0..<(Self.kills * 2) {
      let lines = try told(["put", place, "\(round)"], killedAfter: 0.2 + Double(round % 20) * 0.037)
      names.formUnion(lines.compactMap { ObjectName($0) })
    }
    #expect(!names.isEmpty)
    let all = try Engine.s3.all(store)
    #expect(names.isSubset(of: all))
    for name in all { #expect(try store.verify(name) == .sound) }
    // Nobody refers to them, and their holders are dead: they are held until that is sure.
    #expect(try store.collect { _ in names }.removed == 0)
  }

  @Test("A put in parts that is cut off by the death of its process leaves no object, and is gone on with")
  func parts() throws {
    let store = try s3Store(folder)
    var (dice, found, cut) = (SeededRandom(23), 0, 0)
    for round in 0..<Self.kills {
      let words = ["large", place, "\(round)", "44"]
      let moment = (
        line: "\(Int.random(in: 1...44, using: &dice))$", seconds: Double.random(in: 0...0.06, using: &dice)
      )
      let first = try told(words, until: moment.line, killedAfter: moment.seconds)
      let name = first.first.flatMap { ObjectName($0) }
      if first.last?.hasPrefix("done") == false, let name {
        cut += 1
        #expect(try store.verify(name) == .missing, "visible before it was whole")
        #expect(try store.open(name) == nil && Engine.s3.all(store).allSatisfy { $0 != name })
      }
      let lines = try told(words, killedAfter: nil)
      let last = lines.last ?? ""
      let counted = last.wholeMatch(of: /done, (\d+) parts were there/).flatMap { Int($0.1) }
      found += try #require(counted, "\(last)")
      if let name { #expect(try store.verify(name) == .sound) }
    }
    print("\(Self.kills) puts, \(cut) cut off, \(found) parts were not sent again")
  }

  @Test("A put has two parts in memory, however long it is")
  func memory() throws {
    let peaks = try [24, 300].map { (mebibytes) in
      let lines = try told(["large", place, "7", "\(mebibytes)"], killedAfter: nil)
      return try #require(lines.dropLast().last.flatMap { Int($0.filter(\.isNumber)) }, "\(lines.suffix(3))")
    }
    print("peaks of memory while 24 and 300 MiB were put: \(peaks[0] / 1024) and \(peaks[1] / 1024) MiB")
    #expect(peaks[1] < peaks[0] + 16 << 10 && peaks[1] < 100 << 10)
  }

  @Test("An upload in parts outlives the death of the service at any instant, and its bytes are right")
  func service() throws {
    let server = try #require(S3Server())
    var (dice, tally) = (SeededRandom(17), (found: 0, waited: 0, refused: 0, resumed: 0))
    let hasty = try s3Store(folder, server) { $0.retrySeconds = 0.1 }
    let patient = try s3Store(folder, server) { $0.retrySeconds = 60 }
    var stored: Set<ObjectName> = []
    for round in 0..<Self.kills {
      let content = bytes(42_000_000, 100 + round)
      let name = try #require(ObjectName(SHA256.hex(of: content)))
      let store = round % 2 == 0 ? hasty : patient
      let outcome = Monitor<Result<ObjectName, Fault>?>(nil)
      let thread = NativeThread {
        do throws(Fault) {
          let stored = try putSlowly(content, name, store)
          outcome.update { $0 = .success(stored) }
        } catch { outcome.update { $0 = .failure(error) } }
      }
      Clock.sleep(until: Clock.now + UInt64.random(in: 20_000_000...700_000_000, using: &dice))
      server.kill()
      Clock.sleep(until: Clock.now + UInt64.random(in: 0...400_000_000, using: &dice))
      server.start()
      thread.join()
      switch outcome.update({ $0! }) {
      case .success: tally.waited += 1
      case .failure(let fault):
        #expect(fault.kind == .unavailable, "\(fault) \(fault.cause ?? "")")
        tally.refused += 1
        let before = patient.done.partsFound
        #expect(try ObjectsTests.store(content, ObjectPlan(name: name), in: patient).name == name)
        if patient.done.partsFound > before { tally.resumed += 1 }
      }
      stored.insert(name)
      #expect(try patient.verify(name) == .sound)
    }
    tally.found = hasty.done.partsFound + patient.done.partsFound
    for name in stored { #expect(try patient.verify(name) == .sound) }
    print(
      "\(Self.kills) deaths of the service: \(tally.waited) puts outlived it, \(tally.refused) were refused and put again,",
      "\(tally.resumed) of those from where they were (\(tally.found) parts)")
  }

  @Test("A holder that is cut off from the service takes its leases for lost, and holds anew when it is back")
  func cutOff() throws {
    let server = try #require(S3Server())
    var settings = S3ObjectStore.Settings()
    settings.leaseSeconds = 4
    let store = try s3Store(folder, server, settings: settings) { $0.retrySeconds = 0.2 }
    let stored = try ObjectsTests.store(bytes(100), in: store)
    #expect(stored.lease.isHeld)
    server.kill()
    try waitUntil("the lease to be lost", seconds: 20) { !stored.lease.isHeld }
    server.start()
    try waitUntil("the service to be back", seconds: 30) { (try? store.lease(stored.name))?.isHeld == true }
    #expect(!stored.lease.isHeld, "it may have been taken for dead meanwhile")
  }
}

/// So that a death comes in between.
private func putSlowly(_ content: [UInt8], _ name: ObjectName, _ store: S3ObjectStore) throws(Fault) -> ObjectName {
  let writer = try store.write(ObjectPlan(byteCount: content.count, name: name))
  for start in stride(from: 0, to: content.count, by: 2_000_000) {
    try writer.append(content.span.extracting(start..<min(content.count, start + 2_000_000)).bytes)
    Clock.sleep(until: Clock.now + 20_000_000)
  }
  return try writer.finish().name
}
