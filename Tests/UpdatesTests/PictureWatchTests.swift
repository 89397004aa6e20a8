import Base
import Testing

@testable import Updates

@Suite struct PictureWatchTests {
  private let gate = NodeBaseline.Stream(client: "acme", name: "gate")
  private let roof = NodeBaseline.Stream(client: "acme", name: "roof")

  private func isWell(_ health: NodeHealth) -> Bool { health == .well }

  @Test func `it is well once each stream that gave pictures gave one more, and stays so`() {
    var watch = PictureWatch([gate, roof])
    #expect(!isWell(watch.look([StreamPictures(gate, count: 10), StreamPictures(roof, count: 3)])))
    #expect(!isWell(watch.look([StreamPictures(gate, count: 11), StreamPictures(roof, count: 3)])))
    #expect(
      watch.look([StreamPictures(gate, count: 11), StreamPictures(roof, count: 3)])
        == .waiting("the stream roof gave pictures before the update, and none since"))
    #expect(isWell(watch.look([StreamPictures(gate, count: 11), StreamPictures(roof, count: 4)])))
    #expect(isWell(watch.look([StreamPictures(gate, count: 11), StreamPictures(roof, count: 4)])))
  }

  @Test func `a stream that was silent before does not count`() {
    var watch = PictureWatch([gate])
    #expect(!isWell(watch.look([StreamPictures(gate, count: 1), StreamPictures(roof, count: 0)])))
    #expect(isWell(watch.look([StreamPictures(gate, count: 2), StreamPictures(roof, count: 0)])))
    var none = PictureWatch([])
    #expect(isWell(none.look([StreamPictures(roof, count: 0)])))
  }

  @Test func `one that begins anew counts from nothing, and one that is not there from the start is waited for`() {
    var watch = PictureWatch([gate])
    #expect(!isWell(watch.look([StreamPictures(gate, count: 900)])))
    #expect(!isWell(watch.look([StreamPictures(gate, count: 0)])))
    #expect(isWell(watch.look([StreamPictures(gate, count: 2)])))
    var late = PictureWatch([gate])
    for _ in 0..<3 { #expect(!isWell(late.look([]))) }
    #expect(!isWell(late.look([StreamPictures(gate, count: 0)])))
    #expect(isWell(late.look([StreamPictures(gate, count: 1)])))
  }

  @Test func `pictures that come and cannot be decoded are none`() {
    var watch = PictureWatch([gate])
    for count in 0...3 { #expect(!isWell(watch.look([StreamPictures(gate, count: count, isLive: false)]))) }
    #expect(isWell(watch.look([StreamPictures(gate, count: 4)])))
  }

  @Test func `a stream that somebody took away, and a film at its end, hold nothing up`() {
    var watch = PictureWatch([gate, roof])
    #expect(!isWell(watch.look([StreamPictures(gate, count: 5), StreamPictures(roof, count: 5, hasEnded: true)])))
    #expect(isWell(watch.look([])))
  }

  @Test func `what went well before is kept over a start, for as long as the version is on trial`() throws {
    let baseline = NodeBaseline(streams: [gate], pipelines: ["people"])
    let taken = UpdateState().taking(1, before: [], baseline)
    let read = try UpdateState(taken.json, name: "it")
    #expect(read == taken && read.baseline == baseline)
    // One that takes the place of another on trial answers for what went well before both.
    let both = taken.taking(2, before: [], NodeBaseline(streams: [gate, roof], pipelines: []))
    #expect(both.baseline == NodeBaseline(streams: [gate, roof], pipelines: ["people"]))
    #expect(both.settled().baseline == NodeBaseline() && both.back("bad").baseline == NodeBaseline())
    // A file of a program that knew nothing of it.
    let old = String(decoding: UpdateState().json, as: UTF8.self)
      .replacing(#""baseline":{"streams":[],"pipelines":[]},"#, with: "")
    #expect(try !old.contains("baseline") && UpdateState(Array(old.utf8), name: "it") == UpdateState())
  }
}
