import Base
import Catalog
import Items
import MediaProcess
import TestKit
import Testing

@testable import Recordings

/// Keeps recordings, or refuses all of them.
private struct OneKeeper: RecordingKeeper {
  var refusal: Fault?
  var isOnDisk: Bool { true }

  func keep(_ film: FinishedFilm) throws(Fault) -> KeptRecording {
    if let refusal { throw refusal }
    var random = SystemRandomNumberGenerator()
    return KeptRecording(
      id: ULID(milliseconds: 1, using: &random), client: film.label.client, recording: film.recording, byteCount: 1)
  }

  func recordings() throws(Fault) -> [KeptRecording] { [] }
  func held() throws(Fault) -> [HeldTime] { [] }
  func remove(_ id: ULID) throws(Fault) {}
}

struct DiscardedClipTests {
  private let folder = TemporaryFolder()

  private func desk(_ refusal: Fault? = nil, free: Int = 0) throws -> RecordingDesk {
    var rules = RetentionRules()
    rules.free = free
    let desk = try RecordingDesk("\(folder.path)/recordings", OneKeeper(refusal: refusal), rules) { _ in }
    desk.begin("dock", client: "acme", clips: ClipPolicy(), record: nil)
    return desk
  }

  private func show(_ desk: RecordingDesk, _ numbers: Range<Int>) {
    desk.take(
      .head(codecs: "avc1", size: Size(width: 64, height: 64), bytes: DrawnFilm.head()), of: "dock", client: "acme")
    for number in numbers { desk.take(.fragment(DrawnFilm.fragment(number)), of: "dock", client: "acme") }
  }

  /// An event that begins and ends, of which there should be a clip.
  private func happen(_ desk: RecordingDesk, keepsClip: Bool = true) -> StreamEvent {
    var random = SystemRandomNumberGenerator()
    var event = StreamEvent(
      id: ULID(milliseconds: 1000, using: &random), client: "acme", stream: "dock", rule: "there", from: 1000,
      pipeline: "")
    event.keepsClip = keepsClip
    desk.take(event)
    event.end(at: 2000)
    desk.take(event)
    return event
  }

  /// What was discarded once the stream has ended and all of it is written.
  private func discarded(_ desk: RecordingDesk) -> [DiscardedClip] {
    desk.end("dock", client: "acme")
    desk.finish()
    return desk.takeDiscarded()
  }

  @Test("A clip that is kept is not discarded")
  func kept() throws {
    let desk = try desk()
    #expect(desk.keepsClips(of: "dock", client: "acme") && !desk.keepsClips(of: "yard", client: "acme"))
    show(desk, 0..<200)
    _ = happen(desk)
    // The keeper of room looks at the disk before the first of it is written.
    try waitUntil("the disk to be looked at") { desk.figures(of: "dock", client: "acme")?.byteCount ?? 0 > 0 }
    #expect(discarded(desk) == [])
  }

  @Test(
    "An event over by which no picture came has no clip, and that is told once; of those that were to have none nothing is"
  )
  func noPicture() throws {
    let desk = try desk()
    let event = happen(desk)
    _ = happen(desk, keepsClip: false)
    #expect(desk.takeDiscarded().map(\.event) == [event.id])
    #expect(discarded(desk) == [])
  }

  @Test("A clip that nobody takes is discarded for the reason that was given")
  func refused() throws {
    let desk = try desk(Fault(.denied, "the client may store no more"))
    show(desk, 0..<200)
    let event = happen(desk)
    try waitUntil("the disk to be looked at") { desk.figures(of: "dock", client: "acme")?.byteCount ?? 0 > 0 }
    let found = discarded(desk)
    #expect(
      found == [DiscardedClip(client: "acme", stream: "dock", event: event.id, reason: "the client may store no more")])
    #expect(desk.takeDiscarded() == [])
  }

  @Test("A clip for which the disk has no room is discarded, with the disk's reason")
  func noRoom() throws {
    let desk = try desk(free: 1 << 60)
    show(desk, 0..<200)
    let event = happen(desk)
    try waitUntil("the disk to be looked at") { desk.figures(of: "dock", client: "acme")?.isStopped == true }
    let found = discarded(desk)
    #expect(found.map(\.event) == [event.id] && found.allSatisfy { $0.reason.contains("the disk is short") })
  }

  @Test("A file that a dead process left without a picture is a discarded clip; one of all that comes is none")
  func left() throws {
    let event = try #require(ULID("01JDS0000000000000000000AB"))
    let recordings = "\(folder.path)/recordings"
    try FileSystem.makeFolder(recordings)
    for (name, kind) in [("a", Recording.Kind.clip), ("b", .continuous)] {
      let label = RecordingLabel(
        client: "acme", stream: "dock", kind: kind, event: kind == .clip ? event : nil, rule: "there")
      _ = try RecordingFile("\(recordings)/\(name)\(RecordingDesk.suffix)", label, head: DrawnFilm.head())
    }
    #expect(discarded(try desk()).map(\.event) == [event])
    #expect(try FileSystem.list(recordings) == [])
  }
}
