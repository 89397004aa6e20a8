import Base
import Foundation
import Ingest
import Isolation
import TestKit
import Testing

@testable import MediaProcess

struct DeviceTests {
  /// The two ends of what a device's thread hands its pictures over.
  private final class Line {
    let (inner, outer): (Int32, Int32)

    init() throws { (inner, outer) = try SocketEnds.make() }

    deinit { close(outer) }

    func end() { close(inner) }

    func send(_ code: DevicePicture.Code, _ bytes: [UInt8], lost: Int = 0, captured: UInt64 = Clock.now) throws {
      let head = DevicePicture(code: code, isKey: false, lost: lost, captured: captured, byteCount: bytes.count).head
      try Descriptor.write((head + bytes).span.bytes, to: inner)
    }
  }

  @Test("What is no camera is refused by its name")
  func refused() throws {
    let none = try #require(throws: Fault.self) { try VideoDevice.open("/dev/null", size: nil, rate: nil) }
    #expect(none.kind == .unsupported && none.message == "'/dev/null' is no camera")
    #expect(none.cause == SystemError(ENOTTY).text)
    for path in ["/dev/video97", "/etc/hostname", "/dev"] {
      let fault = try #require(throws: Fault.self) { try VideoDevice.open(path, size: nil, rate: nil) }
      #expect(fault.kind == .notFound && fault.message.contains("there is no camera '\(path)'"), "\(fault)")
    }
    #expect(DevicePicture.name(0x5659_5559) == "YUYV" && DevicePicture.name(0x4750_4a4d) == "MJPG")
  }

  @Test("Pictures come as they were handed over, key frames are known, and the last one may be cut")
  func feed() throws {
    let line = try Line()
    let (moment, units) = (Clock.now, [[0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x65, 2], [0, 0, 0, 1, 0x41, 3]] as [[UInt8]])
    try line.send(.h264, units[0], captured: moment)
    try line.send(.h264, units[1], lost: 3, captured: moment + 40_000_000)
    let cut = DevicePicture(code: .h264, isKey: true, lost: 0, captured: 0, byteCount: 100).head + [1, 2, 3]
    try Descriptor.write(cut.span.bytes, to: line.inner)
    line.end()
    let feed = DeviceFeed(line.outer)
    var found: [AccessUnit] = []
    let ending = try feed.run { found.append($0) }
    #expect(ending == .closed && found.map(\.bytes) == units && found.map(\.isKey) == [true, false])
    #expect(feed.format?.codec == .h264 && feed.lostPackets == 3)
    #expect((3599...3601).contains(found[1].time - found[0].time) && found[1].arrival.upperBound == moment + 40_000_000)
  }

  @Test("A head of nonsense is refused, and takes no memory")
  func nonsense() throws {
    var chance = SystemRandomNumberGenerator()
    for _ in 0..<1000 {
      let head = (0..<DevicePicture.headCount).map { _ in UInt8.random(in: 0...255, using: &chance) }
      if let read = try? DevicePicture(head: head) { #expect(read.byteCount <= 64 << 20) }
    }
    let large = DevicePicture(code: .jpeg, isKey: false, lost: 0, captured: 0, byteCount: 1 << 40).head
    #expect(throws: Fault.self) { try DevicePicture(head: large) }
    #expect(throws: Fault.self) { try DevicePicture(head: []) }
  }

  @Test("A source's process decodes what a device's thread hands it, and tells when it was taken")
  func live() throws {
    let folder = TemporaryFolder()
    let made = shell([
      "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=1", "-c:v", "mjpeg", "-f", "image2",
      folder.file("%d.jpg"),
    ])
    try #require(made.status == 0, "\(made.errors)")
    let line = try Line()
    let reader = try LiveReader(
      LiveOrder(.device), descriptor: line.outer, bell: try Bell(), program: Program.path)
    defer { reader.close() }
    var taken: UInt64 = 0
    for number in 1...25 {
      let picture = try Data(contentsOf: URL(filePath: folder.file("\(number).jpg")))
      taken = Clock.now
      try line.send(.mjpeg, Array(picture), lost: number == 9 ? 2 : 0, captured: taken)
      usleep(10_000)
    }
    let deadline = Lab.soon(20)
    while Clock.now < deadline, try reader.progress().decoded < 25 { usleep(10_000) }
    let (progress, newest) = try reader.latest()
    #expect(progress.received == 25 && progress.decoded == 25 && progress.codec == "mjpeg" && progress.lostPackets == 2)
    let picture = try #require(newest)
    #expect(picture.frame.size == Size(width: 160, height: 96))
    #expect(picture.captured <= taken && taken - picture.captured < 5_000_000)
    line.end()
    while Clock.now < deadline, try reader.progress().ending == nil { usleep(10_000) }
    #expect(try reader.progress().ending == .closed)
  }
}
