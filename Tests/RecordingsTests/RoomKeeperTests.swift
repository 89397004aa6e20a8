import Base
import Catalog
import Items
import Synchronization
import TestKit
import Testing

@testable import Recordings

/// Recordings of so many bytes each, one after the other; of all but the first few nothing may be removed.
private final class Shelf: RecordingKeeper {
  private let kept: Mutex<[KeptRecording]>
  private let loose = Mutex(0)

  init(_ byteCounts: [Int]) {
    var random = SystemRandomNumberGenerator()
    let all = byteCounts.enumerated().map { place, byteCount in
      KeptRecording(
        id: ULID(milliseconds: place, using: &random), client: "acme",
        recording: Recording(stream: "dock", kind: .continuous, from: place * 1000, to: place * 1000 + 999),
        byteCount: byteCount)
    }
    kept = Mutex(all)
  }

  func release(_ count: Int) { loose.withLock { $0 = count } }

  var count: Int { kept.withLock(\.count) }
  var isOnDisk: Bool { true }

  func keep(_ film: FinishedFilm) throws(Fault) -> KeptRecording { throw Fault(.unsupported, "nothing is added") }
  func recordings() throws(Fault) -> [KeptRecording] { kept.withLock { $0 } }

  func held() throws(Fault) -> [HeldTime] {
    [HeldTime(client: "acme", stream: "dock", range: loose.withLock { $0 } * 1000...Int.max)]
  }

  func remove(_ id: ULID) throws(Fault) { kept.withLock { $0.removeAll { $0.id == id } } }
}

struct RoomKeeperTests {
  private let folder = TemporaryFolder()

  @Test(
    "What was refused for want of room begins again with room to spare, and not with the first bytes that become free")
  func refused() throws {
    let shelf = Shelf([300_000, 20 << 20, 77 << 20])
    var rules = RetentionRules()
    // Of the disk all may be used, so that recordings' own bound decides.
    (rules.space, rules.free) = (100 << 20, 8 << 20)
    rules.keep = [:]
    let room = RoomKeeper(folder.path, shelf, rules) { _ in }
    defer { room.stop() }
    #expect(!room.letsWrite())
    try waitUntil("the refusal") { !room.letsWrite() && room.refusal != nil }
    shelf.release(1)
    try waitUntil("what is loose to go") { !room.letsWrite() && shelf.count == 2 }
    // 3 MiB are free now: so much is one write.
    for _ in 0..<20 {
      #expect(!room.letsWrite() && room.refusal?.contains("the disk is short") == true)
      Clock.sleep(until: Clock.now + 20_000_000)
    }
    shelf.release(2)
    try waitUntil("room") { room.letsWrite() }
    #expect(room.refusal == nil && shelf.count == 1)
  }
}
