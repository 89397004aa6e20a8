import Base
import Catalog
import Crypto
import Items
import Library
import LibraryKit
import Objects
import Testing

@testable import Edge

/// Pictures of events on their way: many small ones together, each of which may fail by itself.
struct PictureForwardTests {
  private let fixture: LedgerFixture
  private let desk: LedgerDesk
  private let outbox: Outbox

  init() throws {
    fixture = try LedgerFixture()
    (desk, outbox) = (try fixture.desk(), try fixture.outbox())
    try fixture.read(outbox)
  }

  private func settle(_ link: CountingLink, chunk: Int = 64 << 10) throws {
    let forwarder = Forwarder(outbox, link, chunk: chunk) { [complaints = fixture.complaints] fault in
      complaints.update { $0.append(fault) }
    }
    try ForwardTests().settle(fixture, forwarder)
    try ForwardTests().agree(fixture, outbox, desk)
  }

  private func picture(_ number: Int, _ count: Int = 600) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ 1) &* (number + 1)) }
  }

  @Test("Forty small pictures of three streams take few messages, and each is with its event")
  func together() throws {
    var objects: [ULID: String] = [:]
    for number in 0..<40 {
      let event = try fixture.begin("s\(number % 3)", picture: picture(number))
      objects[event.id] = SHA256.hex(of: picture(number))
    }
    let link = CountingLink(desk)
    try settle(link)
    #expect(try fixture.arrived().mapValues { $0.snapshot } == objects)
    let counts = link.counts
    #expect(counts.packs == 2 && counts.pieces == 0 && counts.batches <= 4, "\(counts)")
  }

  @Test("No message has more than a piece may have, and what is larger goes in pieces, in its order")
  func sizes() throws {
    let sizes = [300, 300, 900, 300, 2500, 300]
    for (number, size) in sizes.enumerated() { _ = try fixture.begin(picture: picture(number, size)) }
    let link = CountingLink(desk)
    try settle(link, chunk: 1000)
    #expect(try fixture.arrived().values.compactMap { $0.snapshotByteCount }.sorted() == sizes.sorted())
    #expect(link.counts.largest <= 1000 && link.counts.pieces == 4, "it is asked for, and goes in three")
    #expect(link.counts.packs == 4, "300 and 300, 900, 300, and 300 behind what was larger")
  }

  @Test(
    "A picture that the node's disk changed is left out, counted and told once, and holds up nothing",
    arguments: [600, 5000])
  func damaged(size: Int) throws {
    let first = try fixture.begin(picture: picture(1, size))
    let second = try fixture.begin(picture: picture(2, size))
    let third = try fixture.begin(picture: picture(3, size))
    try fixture.nodeGround.damage(SHA256.hex(of: picture(2, size)), picture(4, size), in: fixture.node)
    try settle(CountingLink(desk), chunk: 1000)
    let arrived = try fixture.arrived()
    #expect(
      arrived[first.id]?.snapshot != nil && arrived[second.id]?.snapshot == nil && arrived[third.id]?.snapshot != nil)
    #expect(try desk.lines(of: outbox)[LedgerLine(.picture, "dock")]?.gone == 1)
    let complaints = fixture.complaints.update { $0.map(\.message) }
    #expect(complaints.count == 1 && complaints[0].contains("is damaged and not forwarded"), "\(complaints)")
  }

  @Test("What the client has no room for waits by itself, also in the middle of what goes together")
  func refused() throws {
    try fixture.centre.limit("acme", to: 1000)
    let small = try (0..<3).map { try fixture.begin(picture: picture($0, 100)) }
    let large = try fixture.begin(picture: picture(3, 2000))
    let behind = try fixture.begin(picture: picture(4, 100))
    let other = try fixture.begin("yard", picture: picture(5, 100))
    let forwarder = Forwarder(outbox, CountingLink(desk), chunk: 64 << 10) { _ in }
    try ForwardTests().settle(fixture, forwarder)
    let arrived = try fixture.arrived()
    for event in small + [other] { #expect(arrived[event.id]?.snapshot != nil) }
    for event in [large, behind] { #expect(arrived[event.id] != nil && arrived[event.id]?.snapshot == nil) }
    #expect(forwarder.refusal?.hasPrefix("2000 bytes") == true, "\(forwarder.refusal ?? "none")")
    try fixture.centre.limit("acme", to: nil)
    try settle(CountingLink(desk))
    #expect(try fixture.arrived().values.allSatisfy { $0.snapshot != nil })
  }

  @Test("A picture that the centre has a part of goes on from there, where it takes one at a time")
  func begun() throws {
    let bytes = picture(1, 900)
    let event = try fixture.begin(picture: bytes)
    let name = SHA256.hex(of: bytes)
    #expect(
      try desk.blobs.take(Array(bytes[..<400]), of: name, at: 0, total: 900, from: LedgerFixture.sender) == .part(400))
    try settle(CountingLink(desk))
    #expect(try fixture.arrived()[event.id]?.snapshot == name)
    // Nothing is left of the part.
    #expect(try FileSystem.list("\(fixture.centre.path)/edge/incoming/dock").isEmpty)
  }

  @Test(
    "Behind what is refused nothing is taken, set aside or marked, so that it cannot take the room that the first one waits for"
  )
  func behindRefused() throws {
    try fixture.centre.limit("acme", to: 1000)
    for stream in ["a", "b", "c"] {
      for number in 0..<25 {
        _ = try fixture.begin(
          stream, picture: [UInt8](repeating: 1, count: number == 0 ? 2000 : 30) + Array("\(stream)\(number)".utf8))
      }
    }
    for _ in 0..<3 {
      let forwarder = Forwarder(outbox, CountingLink(desk), chunk: 64 << 10) { _ in }
      try ForwardTests().settle(fixture, forwarder)
    }
    #expect(try FileSystem.list("\(fixture.centre.path)/edge/incoming/dock").isEmpty)
    _ = try fixture.centre.promise(1000, to: "acme")
    try fixture.centre.limit("acme", to: nil)
    try settle(CountingLink(desk))
    #expect(try fixture.arrived().values.allSatisfy { $0.snapshot != nil })
  }

  @Test("Where answers are lost and the node begins anew each time, nothing is left of what it sends again")
  func lost() throws {
    for round in 0..<4 {
      for number in 0..<25 { _ = try fixture.begin(picture: picture(round * 25 + number)) }
      try fixture.read(outbox)
      // The events' answer is heard with the second attempt, the pictures' never.
      let dying = Forwarder(outbox, CountingLink(desk), chunk: 64 << 10) { _ in }
      while try fixture.arrived().count < (round + 1) * 25 { _ = try dying.step() }
      let deaf = Forwarder(outbox, CountingLink(desk, loses: 1), chunk: 64 << 10) { _ in }
      #expect(throws: WildLink.cut) { while try deaf.step() {} }
      #expect(try fixture.arrived().values.count { $0.snapshot != nil } == (round + 1) * 25, "they came all the same")
      try settle(CountingLink(desk))
      #expect(try FileSystem.list("\(fixture.centre.path)/edge/incoming/dock").isEmpty, "round \(round)")
    }
    _ = try fixture.centre.promise(1, to: "acme")
    #expect(try fixture.centre.verify().differenceCount == 0)
  }

  @Test("A centre that takes one object at a time gets them so, also where it has parts of several")
  func oneByOne() throws {
    for stream in ["a", "b"] {
      let bytes = picture(stream == "a" ? 1 : 2, 900)
      _ = try fixture.begin(stream, picture: bytes)
      _ = try desk.blobs.take(
        Array(bytes[..<400]), of: SHA256.hex(of: bytes), at: 0, total: 900, from: LedgerFixture.sender)
    }
    for number in 3..<20 { _ = try fixture.begin(number % 2 == 0 ? "a" : "b", picture: picture(number)) }
    let link = CountingLink(desk, isOld: true)
    try settle(link)
    #expect(try fixture.arrived().values.allSatisfy { $0.snapshot != nil })
    #expect(link.counts.packs == 0 && link.counts.pieces >= 19)
  }

  @Test(
    "What the node's disk has cut, or does not give, is left out, and what stands behind it comes",
    arguments: [5000, 600])
  func cut(size: Int) throws {
    let first = try fixture.begin(picture: picture(1, size))
    let second = try fixture.begin(picture: picture(2, size))
    let lost = try fixture.begin(picture: picture(4, size))
    let third = try fixture.begin(picture: picture(3, size))
    try FileSystem.remove(fixture.node.objects.file(of: #require(ObjectName(SHA256.hex(of: picture(4, size))))))
    let (cut, none) = (SHA256.hex(of: picture(1, size)), SHA256.hex(of: picture(2, size)))
    // The centre has more of it than is left here.
    _ = try desk.blobs.take(Array(picture(1, size)[..<500]), of: cut, at: 0, total: size, from: LedgerFixture.sender)
    try fixture.nodeGround.damage(cut, Array(picture(1, size)[..<300]), in: fixture.node)
    let file = try fixture.node.objects.file(of: #require(ObjectName(none)))
    try FileSystem.remove(file)
    try FileSystem.makeFolder(file)
    let complaints = fixture.complaints
    let forwarder = Forwarder(outbox, CountingLink(desk), chunk: 400) { fault in complaints.update { $0.append(fault) }
    }
    var reasons: Set<String> = []
    for _ in 0..<30 {
      try ForwardTests().settle(fixture, forwarder)
      if let reason = forwarder.refusal { reasons.insert(reason) }
      // As if the minute were over.
      forwarder.state.update { $0.resting = [:] }
    }
    let arrived = try fixture.arrived()
    #expect(
      arrived[first.id]?.snapshot == nil && arrived[second.id]?.snapshot == nil && arrived[third.id]?.snapshot != nil)
    #expect(arrived[lost.id]?.snapshot == nil)
    #expect(try desk.lines(of: outbox)[LedgerLine(.picture, "dock")]?.gone == 3)
    #expect(reasons.contains { $0.contains("the line 'picture#dock'") }, "what waits says why: \(reasons)")
    let told = complaints.update { $0.map(\.message).filter { $0.contains("is damaged and not forwarded") } }
    #expect(told.count == 3 && told.contains { $0.contains("it is not there, or empty") }, "\(told)")
    try ForwardTests().agree(fixture, outbox, desk)
  }

  @Test("What is no message of objects is refused, with all of it, or up to what is wrong")
  func wrong() throws {
    let blob = BlobPack.Blob(digest: SHA256.hex(of: [1, 2, 3]), bytes: [1, 2, 3])
    let bytes = BlobPack([blob, BlobPack.Blob(digest: SHA256.hex(of: [9]), bytes: [9])]).bytes
    #expect(try BlobPack(bytes).bytes == bytes)
    for count in 0..<bytes.count { #expect(throws: Fault.self) { try BlobPack(Array(bytes.prefix(count))) } }
    #expect(throws: Fault.self) { try BlobPack(bytes + [0]) }
    #expect(throws: Fault.self) { try BlobPack(BlobPack(Array(repeating: blob, count: BlobPack.most + 1)).bytes) }
    for text in [
      #"{"objects":[]}"#, #"{"objects":[{"digest":"../../x","bytes":1}]}"#,
      #"{"objects":[{"digest":"\#(blob.digest)","bytes":-1}]}"#,
      #"{"objects":[{"digest":"\#(blob.digest)","bytes":9223372036854775807}]}"#, #"{"objects":1}"#, "",
    ] {
      #expect(throws: Fault.self) { try BlobPack(Array("\(text)\n1".utf8)) }
    }
    let forged = BlobPack([blob, BlobPack.Blob(digest: SHA256.hex(of: [7]), bytes: [8])])
    #expect(throws: Fault.self) { try desk.blobs.take(forged, from: LedgerFixture.sender) }
    #expect(
      try desk.blobs.take(BlobPack([blob]), from: LedgerFixture.sender) == [.whole], "what came before it is there")
    #expect(throws: Fault.self) { try BlobPackAnswer(BlobPackAnswer([.whole]).json, of: 2) }
    let states: [BlobInbox.State] = [.whole, .refused("no room")]
    #expect(try BlobPackAnswer(BlobPackAnswer(states).json, of: 2).states == states)
  }
}

/// A link without trouble that counts what goes over it.
private final class CountingLink: LedgerLink {
  struct Counts {
    var (batches, packs, pieces, largest) = (0, 0, 0, 0)
  }

  private let link: WildLink
  private let state = Monitor(Counts())

  /// As of a centre that takes one object at a time.
  private let isOld: Bool
  /// So many answers to entries are lost.
  private let lost: Monitor<Int>

  init(_ desk: LedgerDesk, isOld: Bool = false, loses lost: Int = 0) {
    (link, self.isOld, self.lost) = (WildLink(desk, seed: 1, trouble: 0), isOld, Monitor(lost))
  }

  var counts: Counts { state.update { $0 } }

  func send(_ batch: [UInt8]) throws(Fault) -> [UInt8] {
    state.update { $0.batches += 1 }
    let answer = try link.send(batch)
    let isHeard = lost.update { lost in
      lost -= 1
      return lost < 0
    }
    guard isHeard else { throw WildLink.cut }
    return answer
  }

  func put(_ bytes: [UInt8], of digest: String, at offset: Int, total: Int) throws(Fault) -> BlobInbox.State {
    state.update { ($0.pieces, $0.largest) = ($0.pieces + 1, max($0.largest, bytes.count)) }
    return try link.put(bytes, of: digest, at: offset, total: total)
  }

  func put(_ pack: BlobPack) throws(Fault) -> [BlobInbox.State]? {
    guard !isOld else { return nil }
    state.update { ($0.packs, $0.largest) = ($0.packs + 1, max($0.largest, pack.byteCount)) }
    return try link.put(pack)
  }
}
